// @vitest-environment happy-dom
// What goes on in one view while something else happens: another view, Python, a kernel that goes.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyMask, type Mask, unpack } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import { Store } from "../src/store";
import { IDENTITY, transformed } from "../src/transform";
import { TransformStroke } from "../src/transformstroke";
import widget from "../src/widget";
import { asTrait, FakeModel, maskOf, openCanvas } from "./model";

const find = (id: string, of: Element) => of.querySelector<HTMLElement>(`[data-testid="sd-${id}"]`)!;
const board = (of: Element) => find("canvas", of);

function key(target: Element, name: string, type = "keydown"): void {
  target.dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true }));
}

function pointer(target: Element, type: string, more: PointerEventInit = {}): void {
  const init = {
    clientX: 0,
    clientY: 0,
    pointerId: 1,
    isPrimary: true,
    button: 0,
    buttons: 1,
    bubbles: true,
  };
  target.dispatchEvent(new PointerEvent(type, { ...init, cancelable: true, ...more }));
}

const pixels = ({ data }: Mask) => data.filter((value) => value > 0).length;

describe("two views of a canvas", () => {
  let model: FakeModel;
  let views: HTMLElement[];
  let ends: (() => void)[];
  let dispose: () => void;
  const drawn = (id: string) => {
    const view = (model.values.masks as Record<string, DataView>)[id]!;
    return unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  };

  beforeEach(() => {
    const regions = [newRegion({ id: "a", prompt: "house" })];
    model = new FakeModel({ regions, masks: { a: asTrait(maskOf([30, 30], [31, 30], [32, 30])) } });
    const instance = widget();
    dispose = instance.initialize({ model });
    views = [0, 1].map(() => document.body.appendChild(document.createElement("div")));
    ends = views.map((el) => instance.render({ model, el }));
    for (const el of views) board(el).getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
  });
  afterEach(() => {
    for (const end of ends) end();
    dispose();
    for (const el of views) el.remove();
    localStorage.clear();
  });

  it("one that goes while Space is held leaves the other its brush", () => {
    board(views[0]!).focus();
    key(board(views[0]!), " ");
    ends[0]!();
    const before = pixels(drawn("a"));
    pointer(board(views[1]!), "pointerdown", { clientX: 8, clientY: 8 });
    pointer(board(views[1]!), "pointerup", { clientX: 8, clientY: 8 });
    expect(pixels(drawn("a"))).toBeGreaterThan(before);
  });

  it("a transform that waits in one is applied where the other begins its own", () => {
    key(board(views[0]!), "v");
    key(board(views[0]!), "ArrowRight");
    key(board(views[1]!), "ArrowRight");
    key(board(views[1]!), "Enter");
    expect(drawn("a")).toEqual(maskOf([32, 30], [33, 30], [34, 30]));
    find("undo", views[0]!).click();
    expect(drawn("a")).toEqual(maskOf([31, 30], [32, 30], [33, 30]));
  });
});

describe("Python, while the hand is at it", () => {
  it("another mask under a transform that waits is shown wherever it goes", () => {
    const store = new Store();
    store.takeValues({ size: [64, 64] });
    store.addRegion({ id: "a" });
    store.takeMask("a", maskOf([10, 10]));
    (store.beginStroke(255, TransformStroke) as TransformStroke).place({ ...IDENTITY, move: [20, 0] });
    const told: unknown[] = [];
    store.on("mask", ({ box }) => told.push(box));
    store.takeMask("a", maskOf([10, 10], [11, 10]));
    expect(told).toEqual([null]); // all of it, and not only what was other than what Python sent
    expect(store.mask("a").data).toEqual(
      transformed(maskOf([10, 10], [11, 10]), { ...IDENTITY, move: [20, 0] }).data,
    );
  });

  it("a region that goes while its row is dragged leaves no edit behind", () => {
    const store = new Store();
    store.addRegion({ id: "a" });
    const { undoLabel } = store.history;
    store.moveRegion("gone", 0);
    expect([store.history.undoLabel, store.regions.map(({ id }) => id)]).toEqual([undoLabel, ["a"]]);
  });

  it("a region without a mask that comes while one draws says later what is missing", () => {
    const { model, el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })] });
    board(el).getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
    pointer(board(el), "pointerdown", { clientX: 8, clientY: 8 });
    model.python({
      regions: [...(model.values.regions as Region[]), newRegion({ id: "b", prompt: "tree" })],
    });
    pointer(board(el), "pointerup", { clientX: 8, clientY: 8 });
    expect(el.querySelector('[data-region="b"]')?.textContent).toContain("Now paint where it is.");
    close();
  });
});

describe("what is shown of a stroke", () => {
  const store = () => {
    const made = new Store();
    made.takeValues({ size: [64, 64] });
    made.addRegion({ id: "a" });
    return made;
  };
  const boxes = (of: Store) => {
    const told: unknown[] = [];
    of.on("mask", ({ box }) => told.push(box));
    return told;
  };

  it("is told once, point by point; its end brings nothing new", () => {
    const canvas = store();
    const told = boxes(canvas);
    const stroke = canvas.beginStroke(255)!;
    stroke.to(8, 8, 4);
    stroke.to(20, 8, 4);
    expect(told).toHaveLength(2);
    canvas.endStroke();
    expect(told).toHaveLength(2);
  });

  it("of a shape, and of a stroke that is taken back, is told at the end", () => {
    const canvas = store();
    const told = boxes(canvas);
    canvas.fill("fill", 255, (mask) => {
      mask.data.fill(255, 0, 3);
      return [0, 0, 3, 1];
    });
    expect(told).toEqual([[0, 0, 3, 1]]);
    canvas.beginStroke(0)!.to(1, 0, 4);
    canvas.endStroke(false);
    expect(told).toHaveLength(3);
    expect(told[2]).toEqual(told[1]);
    expect(pixels(canvas.mask("a"))).toBe(3);
  });

  it("waits for the kernel as the pixels that they are, however late they are packed", () => {
    const canvas = store();
    const sent: Mask[] = [];
    canvas.on("edited", (edit) => "patch" in edit && edit.patch.after && sent.push(edit.patch.after.mask));
    canvas.beginStroke(255)!.to(8, 8, 3);
    canvas.endStroke();
    const whole = emptyMask(64, 64);
    whole.data.set(canvas.mask("a").data);
    canvas.beginStroke(0)!.to(8, 8, 3);
    canvas.endStroke();
    while (canvas.history.pack());
    canvas.undo();
    expect(canvas.mask("a").data).toEqual(whole.data);
    expect(sent.map(pixels)).toEqual([pixels(whole), 0, pixels(whole)]);
  });
});

describe("a row of the list", () => {
  it("leaves nothing on the page once the pointer is up", () => {
    const { el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })] });
    const on = vi.spyOn(globalThis, "addEventListener");
    const off = vi.spyOn(globalThis, "removeEventListener");
    const grip = el.querySelector(".sd-eye")!;
    pointer(grip, "pointerdown");
    const added = on.mock.calls.map(([type, listener]) => [type, listener]);
    pointer(grip, "pointerup");
    expect(added.map(([type]) => type)).toEqual(["pointerup", "pointercancel"]);
    expect(off.mock.calls.map(([type, listener]) => [type, listener])).toEqual(added);
    vi.restoreAllMocks();
    close();
  });

  it("a hidden region's eye is closed", () => {
    const { el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })] });
    const eye = el.querySelector<HTMLElement>(".sd-eye")!;
    const open = eye.innerHTML;
    eye.click();
    expect(eye.innerHTML).not.toBe(open);
    eye.click();
    expect(eye.innerHTML).toBe(open);
    close();
  });
});

describe("before and after", () => {
  it("follow the main button of one pointer alone", () => {
    const entry = { id: 1, title: "house", made_at: 0, pinned: false, size: [64, 64] };
    const { el, close } = openCanvas({ history_entries: [entry] });
    find("history-toggle", el).click();
    find("history-item", el).click();
    const compare = find("compare", el);
    compare.getBoundingClientRect = () => new DOMRect(0, 0, 100, 100);
    const at = () => find("compare-line", el).getAttribute("aria-valuenow");
    pointer(compare, "pointerdown", { clientX: 90, button: 2, buttons: 2 });
    pointer(compare, "pointermove", { clientX: 95, button: 2, buttons: 2 });
    pointer(compare, "pointerdown", { clientX: 10, isPrimary: false, pointerId: 2 });
    expect(at()).toBe("50");
    pointer(compare, "pointerdown", { clientX: 70 });
    pointer(compare, "pointermove", { clientX: 80 });
    expect(at()).toBe("80");
    close();
  });
});
