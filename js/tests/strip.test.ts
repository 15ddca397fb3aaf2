// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unpack } from "../src/mask";
import { newRegion } from "../src/scene";
import { asTrait, maskOf, openCanvas } from "./model";

let canvas: ReturnType<typeof openCanvas>;
const find = <T extends HTMLElement>(id: string) => canvas.el.querySelector(`[data-testid="sd-${id}"]`) as T;
const items = () => [...canvas.el.querySelectorAll<HTMLButtonElement>('[data-testid="sd-history-item"]')];
const entry = (id: number, pinned = false) => ({
  id,
  title: "house",
  made_at: 1000 * id,
  pinned,
  size: [64, 64],
});
const unpacked = (view: DataView) => unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
const asked = (type: string) => canvas.model.messages(type).map(({ entry }) => entry);

function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

beforeEach(() => {
  canvas = openCanvas({ history_entries: [entry(1), entry(2), entry(3, true)] });
});
afterEach(() => canvas.close());

describe("the history strip", () => {
  it("is folded at first and asks for no picture until it is not", () => {
    expect([find("history").hidden, asked("look")]).toEqual([true, []]);
    press(find("canvas"), "y");
    expect([find("history").hidden, items().length, asked("look")]).toEqual([false, 3, [1, 2, 3]]);
    canvas.model.tell({ type: "entry", entry: 2, whole: false }, new DataView(new ArrayBuffer(3)));
    expect(items()[1]?.querySelector("img")?.src).toMatch(/^blob:/);
    expect(items()[2]?.getAttribute("aria-label")).toContain("kept");
    press(find("canvas"), "y");
    expect(find("history").hidden).toBe(true);
  });

  it("is unfolded where a view is wide: beside the canvas, below a wide one, until a person folds it", () => {
    canvas.close();
    const told: (() => void)[] = [];
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(tell: () => void) {
          told.push(tell);
        }
        observe() {}
        disconnect() {}
      },
    );
    canvas = openCanvas({ history_entries: [entry(1), entry(2)] });
    const root = canvas.el.querySelector<HTMLElement>(".sd-root")!;
    const app = canvas.el.querySelector<HTMLElement>(".sd-app")!;
    const resize = (width: number) => {
      Object.defineProperty(root, "clientWidth", { value: width, configurable: true });
      for (const tell of told) tell();
      const orientation = find("history").firstElementChild?.getAttribute("aria-orientation");
      return [!find("history").hidden, app.hasAttribute("data-past-beside"), orientation];
    };
    expect(resize(1099)).toEqual([false, false, "horizontal"]);
    expect(asked("look")).toEqual([]);
    expect(resize(1100)).toEqual([true, true, "vertical"]);
    expect(find("history-toggle").getAttribute("aria-expanded")).toBe("true");
    expect(asked("look")).toEqual([1, 2]);
    items()[1]!.focus();
    press(items()[1]!, "ArrowUp");
    expect(document.activeElement).toBe(items()[0]);
    canvas.model.python({ side_by_side: true });
    expect(resize(1400)).toEqual([false, false, "horizontal"]);
    canvas.model.python({ side_by_side: false, size: [96, 64] });
    expect(resize(1400)).toEqual([true, false, "horizontal"]);
    press(find("canvas"), "y");
    expect(resize(1400)).toEqual([false, false, "horizontal"]);
    press(find("canvas"), "y");
    expect(resize(500)).toEqual([true, false, "horizontal"]);
    vi.unstubAllGlobals();
  });

  it("keeps the focus where its picture gives way to newer ones", () => {
    find("history-toggle").click();
    items()[0]!.focus();
    canvas.model.python({ history_entries: [entry(2), entry(3, true), entry(4)] });
    expect(document.activeElement).toBe(items()[2]);
    expect(items()[2]!.tabIndex).toBe(0);
  });

  it("one tab stop; arrows, Home and End move along it", () => {
    find("history-toggle").click();
    const stops = () => items().map(({ tabIndex }) => tabIndex);
    expect(stops()).toEqual([-1, -1, 0]);
    items()[2]?.focus();
    press(items()[2]!, "ArrowLeft");
    expect([stops(), document.activeElement]).toEqual([[-1, 0, -1], items()[1]]);
    press(items()[1]!, "Home");
    press(items()[0]!, "ArrowLeft");
    expect(document.activeElement).toBe(items()[0]);
    press(items()[0]!, "End");
    expect(document.activeElement).toBe(items()[2]);
  });

  it("shows the chosen one beside the picture, a second beside the first, and Escape ends it", () => {
    find("history-toggle").click();
    items()[0]?.click();
    expect([find("compare").hidden, find("compare").textContent?.includes("now")]).toEqual([false, true]);
    press(find("compare-line"), "ArrowRight");
    expect(find("compare-line").getAttribute("aria-valuenow")).toBe("52");
    press(items()[2]!, "Enter", { shiftKey: true });
    expect(items().map((item) => item.getAttribute("aria-selected"))).toEqual(["true", "false", "true"]);
    expect(find("compare").textContent).not.toContain("now");
    press(find("canvas"), "Escape");
    expect(find("compare").hidden).toBe(true);
  });

  it("goes back to, keeps and drops the chosen one", () => {
    find("history-toggle").click();
    expect(find<HTMLButtonElement>("history-restore").disabled).toBe(true);
    items()[2]?.click();
    find("history-pin").click();
    items()[1]?.click();
    find("history-restore").click();
    expect(find("compare").hidden).toBe(true);
    press(items()[0]!, "Delete");
    expect([canvas.model.messages("pin").at(-1), asked("restore"), asked("forget")]).toEqual([
      { type: "pin", entry: 3, pinned: false },
      [2],
      [1],
    ]);
    canvas.model.python({ history_entries: [entry(2), entry(3)] });
    expect(items()).toHaveLength(2);
  });

  it("Backspace drops a picture as Delete does, and leaves the drawing alone", () => {
    canvas.model.python({
      regions: [newRegion({ id: "a", prompt: "sea" })],
      masks: { a: asTrait(maskOf([3, 3])) },
    });
    find("history-toggle").click();
    press(items()[1]!, "Backspace");
    expect([asked("forget"), canvas.model.messages("mask_patch")]).toEqual([[2], []]);
  });

  it("without Shift, a button takes the next one beside the chosen one", () => {
    find("history-toggle").click();
    const button = find<HTMLButtonElement>("history-compare");
    expect(button.disabled).toBe(true);
    items()[0]?.click();
    button.click();
    expect(button.getAttribute("aria-pressed")).toBe("true");
    items()[2]?.click();
    const chosen = () => items().map((item) => item.getAttribute("aria-selected"));
    expect([button.getAttribute("aria-pressed"), chosen()]).toEqual(["false", ["true", "false", "true"]]);
    expect(find("compare").textContent).not.toContain("now");
    items()[1]?.click();
    expect(chosen()).toEqual(["false", "true", "false"]);
    button.click();
    press(items()[0]!, "Enter");
    expect(chosen()).toEqual(["true", "true", "false"]);
  });

  it("can only be looked at while the kernel is away", () => {
    find("history-toggle").click();
    items()[0]?.click();
    canvas.model.emit("comm:close");
    expect(find<HTMLButtonElement>("history-restore").disabled).toBe(true);
  });
});

describe("a restored scene", () => {
  it("is one step of undo with its settings", () => {
    canvas.model.python({
      regions: [newRegion({ id: "b", prompt: "boat" })],
      masks: { b: asTrait(maskOf([3, 3])) },
      background: "sea",
      steps: 2,
      seed: 9,
      layouts: 1,
      layout_kind: "restore",
    });
    const field = () => find<HTMLTextAreaElement>("prompt")?.value;
    expect([field(), find("undo").title]).toEqual(["boat", "Undo restore (Ctrl+Z)"]);
    find("undo").click();
    expect(canvas.model.saved.at(-1)).toMatchObject({ regions: [], background: "", steps: 0, seed: 0 });
    find("redo").click();
    expect([field(), canvas.model.saved.at(-1)?.seed]).toEqual(["boat", 9]);
  });

  it("of another size takes the size along, and what was drawn and done before", () => {
    const { model } = canvas;
    const small = { width: 32, height: 16, data: new Uint8Array(32 * 16).fill(255) };
    model.python({ regions: [newRegion({ id: "a", prompt: "sea" })], masks: { a: asTrait(maskOf([3, 3])) } });
    find("region-row").dispatchEvent(new Event("click", { bubbles: true }));
    const field = () => find<HTMLTextAreaElement>("prompt");
    field().value = "lake";
    field().dispatchEvent(new Event("input", { bubbles: true }));
    field().dispatchEvent(new Event("change", { bubbles: true }));
    model.python({
      size: [32, 16],
      masks: { a: asTrait(small) },
      regions: [newRegion({ id: "a", prompt: "boat" })],
      layouts: 1,
      layout_kind: "restore",
    });
    expect(field().value).toBe("boat");
    const sent = model.messages("mask_patch").length;
    find("undo").click();
    const back = model.saved.at(-1) as Record<string, unknown> & { masks: Record<string, DataView> };
    expect(back.size).toEqual([64, 64]);
    expect(unpacked(back.masks.a!)).toEqual(maskOf([3, 3]));
    expect((back.regions as { prompt: string }[])[0]?.prompt).toBe("lake");
    expect(model.messages("mask_patch")).toHaveLength(sent); // they would not fit, or come before the size
    find("redo").click();
    const again = model.saved.at(-1) as typeof back;
    expect([again.size, unpacked(again.masks.a!)]).toEqual([[32, 16], small]);
    find("undo").click();
    find("undo").click();
    expect(field().value).toBe("sea");
  });

  it("takes the background's picture and the texts along, there and back, to the byte", () => {
    const { model } = canvas;
    const picture = (...bytes: number[]) => new DataView(new Uint8Array(bytes).buffer);
    const before = {
      background_image: picture(1, 2, 3),
      style_text: "oil",
      quality_text: "",
      negative_text: "dull",
    };
    const after = { background_image: picture(), style_text: "", quality_text: "sharp", negative_text: "" };
    model.python(before);
    model.python({ ...after, layouts: 1, layout_kind: "restore" });
    find("undo").click();
    expect(model.saved.at(-1)).toMatchObject(before);
    expect(model.saved.at(-1)?.background_image).toBe(before.background_image);
    find("redo").click();
    expect(model.saved.at(-1)).toMatchObject(after);
    expect(model.saved.at(-1)).toMatchObject({ background_image: { byteLength: 0 } });
  });
});
