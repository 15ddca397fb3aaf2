// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contentBox, emptyMask, type Mask, pack, unpack } from "../src/mask";
import { newRegion } from "../src/scene";
import { fillRectangle } from "../src/shapes";
import { IDENTITY, type Transform, transformed } from "../src/transform";
import { TransformStroke } from "../src/transformstroke";
import { asTrait, type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;
let close: () => void;

const find = <T extends HTMLElement>(id: string) => el.querySelector(`[data-testid="sd-${id}"]`) as T;
const canvas = () => find("canvas");
const said = () => find("said").textContent;
const box = () => find("transform-box");
const active = () =>
  [...el.querySelectorAll("[data-active] .sd-prompt")].map((e) => (e as HTMLTextAreaElement).value);

function block(x: number, y: number, width: number, height: number): Mask {
  const mask = emptyMask(64, 64);
  fillRectangle(mask, [16 * x, 16 * y, 16 * (x + width), 16 * (y + height)], 255);
  return mask;
}

const HOUSE = block(20, 24, 16, 8);
const TREE = block(40, 10, 10, 30);

beforeEach(() => {
  ({ model, el, end, close } = openCanvas({
    regions: [
      newRegion({ id: "house", prompt: "house" }),
      newRegion({ id: "tree", prompt: "tree" }),
      newRegion({ id: "sun", prompt: "sun" }),
    ],
    masks: { house: asTrait(HOUSE), tree: asTrait(TREE) },
  }));
  canvas().getBoundingClientRect = () => new DOMRect(0, 0, 640, 640); // ten CSS px to a pixel
  key("3"); // the house, the lowest
  key("v");
});
afterEach(() => {
  vi.unstubAllGlobals();
  close();
});

function key(name: string, more: KeyboardEventInit = {}): void {
  canvas().dispatchEvent(
    new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }),
  );
}

/** At places in scene px. */
function pointer(type: string, [x, y]: readonly number[], more: PointerEventInit = {}): void {
  const init = { clientX: 10 * x!, clientY: 10 * y!, pointerId: 1, isPrimary: true, button: 0, buttons: 1 };
  canvas().dispatchEvent(new PointerEvent(type, { ...init, bubbles: true, cancelable: true, ...more }));
}

function drag(from: readonly number[], to: readonly number[], more: PointerEventInit = {}): void {
  pointer("pointerdown", from, more);
  pointer(
    "pointermove",
    from.map((at, i) => (at + to[i]!) / 2),
    more,
  );
  pointer("pointermove", to, more);
  pointer("pointerup", to, more);
}

/** As the kernel has it in its traits. */
function mask(id: string): Mask {
  const view = (model.values.masks as Record<string, DataView>)[id]!;
  return unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

const house = (change: Partial<Transform>) => transformed(HOUSE, { ...IDENTITY, ...change });

describe("the transform tool", () => {
  it("moves the region that is chosen, live, and is one step of undo", () => {
    expect(box().hasAttribute("hidden")).toBe(false);
    drag([28, 28], [33.4, 21.6]);
    expect(mask("house")).toEqual(HOUSE); // it waits
    drag([33, 22], [34, 22]);
    expect(find<HTMLButtonElement>("apply").disabled).toBe(false);
    key("Enter");
    expect(mask("house")).toEqual(house({ move: [6, -6] }));
    expect(said()).toBe('"house" is transformed.');
    expect(find("undo").title).toContain("Undo transform");
    key("z", { ctrlKey: true });
    expect(mask("house")).toEqual(HOUSE);
    key("z", { ctrlKey: true, shiftKey: true });
    expect(mask("house")).toEqual(house({ move: [6, -6] }));
  });

  it("a corner scales, the opposite one stays; Shift keeps the ratio", () => {
    drag([36, 32], [44, 36]);
    key("Enter");
    expect(contentBox(mask("house"))).toEqual([20, 24, 24, 12]);
    key("z", { ctrlKey: true });
    drag([36, 32], [52, 33], { shiftKey: true });
    key("Enter");
    expect(contentBox(mask("house"))).toEqual([20, 24, 32, 16]);
    key("z", { ctrlKey: true });
    drag([20, 24], [44, 24]); // over the other side: mirrored
    key("Enter");
    expect(contentBox(mask("house"))).toEqual([36, 24, 8, 8]);
  });

  it("the outer handle rotates; Shift by steps of 15 degrees", () => {
    drag([28, 21.4], [40, 28], { shiftKey: true });
    key("Enter");
    expect(mask("house")).toEqual(house({ rotate: 90 }));
    key("z", { ctrlKey: true });
    drag([28, 21.4], [28 + 6.6 * Math.sin(0.6), 28 - 6.6 * Math.cos(0.6)], { shiftKey: true });
    key("Enter");
    expect(mask("house")).toEqual(house({ rotate: 30 }));
    key("z", { ctrlKey: true });
    drag([28, 21.4], [28 + 6.6 * Math.sin(0.2), 28 - 6.6 * Math.cos(0.2)]);
    key("Enter");
    expect(mask("house")).toEqual(house({ rotate: 11.5 }));
  });

  it("transforms the mask once a frame at most, however many events a drag has", () => {
    const frames: FrameRequestCallback[] = [];
    vi.stubGlobal("requestAnimationFrame", (draw: FrameRequestCallback) => frames.push(draw));
    vi.stubGlobal("cancelAnimationFrame", (id: number) => {
      frames[id - 1] = () => {};
    });
    const place = vi.spyOn(TransformStroke.prototype, "place");
    const frame = () => {
      for (let i = 0, count = frames.length; i < count; i++) {
        const draw = frames[i]!;
        frames[i] = () => {};
        draw(0);
      }
    };
    pointer("pointerdown", [28, 28]);
    for (let i = 1; i <= 5; i++) pointer("pointermove", [28 + i, 28]);
    expect(place).toHaveBeenCalledTimes(0);
    frame();
    expect(place).toHaveBeenCalledTimes(1);
    pointer("pointermove", [34, 28]);
    pointer("pointermove", [35, 28]);
    pointer("pointerup", [35, 28]);
    expect(place).toHaveBeenCalledTimes(2); // at once and exactly
    frame();
    expect(place).toHaveBeenCalledTimes(2);
    pointer("pointerdown", [35, 28]);
    pointer("pointermove", [20, 28]);
    key("Escape");
    frame();
    expect(place).toHaveBeenCalledTimes(2);
    expect(mask("house")).toEqual(HOUSE);
    pointer("pointerup", [20, 28]);
    pointer("pointerdown", [28, 28]);
    pointer("pointermove", [30, 28]);
    frame();
    expect(place).toHaveBeenCalledTimes(3); // and so on after what was called off
    place.mockRestore();
  });

  it("is always made from what was there: many drags lose nothing", () => {
    drag([28, 21.4], [40, 28], { shiftKey: true });
    drag([28, 28], [5, 5]);
    drag([5, 5], [28, 28]);
    for (let i = 0; i < 7; i++) key("ArrowRight", { altKey: true, shiftKey: true });
    for (let i = 0; i < 5; i++) key("ArrowRight", { altKey: true, shiftKey: true });
    for (let i = 0; i < 6; i++) key("ArrowLeft", { altKey: true, shiftKey: true });
    key("ArrowLeft", { altKey: true, shiftKey: true });
    key("Enter");
    expect(mask("house")).toEqual(house({ rotate: 165 }));
  });

  it("applied in the middle of a drag it is as exact as after it", () => {
    const checks = { ...HOUSE, data: HOUSE.data.map((value, i) => ((i + (i >> 6)) % 2 ? value : 0)) };
    model.python({ masks: { house: asTrait(checks), tree: asTrait(TREE) } });
    pointer("pointerdown", [28, 21.4]);
    pointer("pointermove", [28 + 6.6 * Math.sin(0.2), 28 - 6.6 * Math.cos(0.2)]);
    key("Enter");
    pointer("pointermove", [50, 50]);
    pointer("pointerup", [50, 50]);
    const change = { ...IDENTITY, rotate: 11.5 };
    expect(mask("house")).toEqual(transformed(checks, change));
    expect(transformed(checks, change, true)).not.toEqual(transformed(checks, change));
  });

  it("by keys: arrows, brackets, Alt and arrows", () => {
    key("ArrowRight");
    key("ArrowDown", { shiftKey: true });
    key("ArrowUp");
    expect(mask("house")).toEqual(HOUSE);
    key("Enter");
    expect(mask("house")).toEqual(house({ move: [1, 9] }));
    key("z", { ctrlKey: true });
    key("]");
    key("ArrowLeft", { altKey: true });
    find("apply").click();
    expect(mask("house")).toEqual(house({ scale: [1.05, 1.05], rotate: -1 }));
    key("z", { ctrlKey: true });
    key("Enter"); // nothing waits: it is for the prompt
    expect(document.activeElement?.className).toContain("sd-prompt");
  });

  it.each([
    ["Escape", () => key("Escape")],
    ["the button", () => find("cancel").click()],
    ["undo", () => key("z", { ctrlKey: true })],
    ["the undo button", () => find("undo").click()],
  ])("%s takes it back, and nothing is left to undo", (_, cancel) => {
    drag([28, 28], [40, 40]);
    cancel();
    expect(mask("house")).toEqual(HOUSE);
    expect(find<HTMLButtonElement>("undo").disabled).toBe(true);
    expect(find<HTMLButtonElement>("apply").disabled).toBe(true);
    key("b");
    expect(mask("house")).toEqual(HOUSE);
  });

  it.each([
    ["another tool", () => key("b")],
    ["another region", () => key("2")],
    ["another edit", () => key("c")],
    ["the end of the view", () => end()],
  ])("%s applies it", (_, apply) => {
    drag([28, 28], [30, 30]);
    apply();
    expect(mask("house")).toEqual(house({ move: [2, 2] }));
  });

  it("beside the box it takes hold of another region", () => {
    drag([28, 28], [30, 30]);
    drag([45, 20], [46, 20]);
    expect(active()).toEqual(["tree"]);
    expect(mask("house")).toEqual(house({ move: [2, 2] }));
    key("Enter");
    expect(contentBox(mask("tree"))).toEqual([41, 10, 10, 30]);
  });

  it("a click changes nothing; a drag that the browser breaks off is dropped", () => {
    drag([28, 28], [28, 28]);
    expect(find<HTMLButtonElement>("undo").disabled).toBe(true);
    pointer("pointerdown", [28, 28]);
    pointer("pointermove", [38, 38]);
    pointer("pointercancel", [38, 38]);
    key("Enter");
    expect(mask("house")).toEqual(HOUSE);
  });

  it("is sent while it is dragged, and goes on with a mask that Python sets meanwhile", async () => {
    drag([28, 28], [30, 30]);
    await vi.waitFor(() => expect(model.messages("mask_patch")).toHaveLength(1));
    expect(model.messages("mask_patch")[0]).toMatchObject({ region: "house", final: false });
    const other = block(4, 4, 10, 10);
    model.python({ masks: { house: asTrait(other), tree: asTrait(TREE) } });
    key("ArrowRight");
    key("Enter");
    expect(mask("house")).toEqual(transformed(other, { ...IDENTITY, move: [3, 2] }));
  });

  it("leaves locked and empty regions alone, and says why", () => {
    key("1"); // the sun covers nothing
    expect(box().hasAttribute("hidden")).toBe(true);
    drag([60, 60], [50, 50]);
    expect(find("banner").textContent).toContain('"sun" covers nothing yet. Paint it first');
    model.python({ regions: [newRegion({ id: "house", prompt: "house", locked: true })] });
    key("1");
    drag([28, 28], [40, 40]);
    expect(find("banner").textContent).toContain('"house" is locked');
    expect(mask("house")).toEqual(HOUSE);
  });
});

describe("the eyedropper", () => {
  it.each([
    ["I", () => key("i"), {}],
    ["Alt-click with the brush", () => key("b"), { altKey: true }],
    ["Alt-click with the transform", () => {}, { altKey: true }],
    ["Alt-click with the rectangle", () => key("r"), { altKey: true }],
  ])("%s chooses the uppermost region, and paints nothing", (_, choose, more) => {
    choose();
    const click = (x: number, y: number) => drag([x, y], [x, y], more);
    click(45, 20);
    expect([active(), said()]).toEqual([["tree"], '"tree" is chosen.']);
    click(21, 25);
    expect(active()).toEqual(["house"]);
    click(2, 2);
    expect([active(), said()]).toEqual([["house"], "No region that is painted covers this place."]);
    expect([mask("house"), mask("tree")]).toEqual([HOUSE, TREE]);
    expect(find<HTMLButtonElement>("undo").disabled).toBe(true);
  });

  it("by keys, and only what is painted", () => {
    model.python({
      regions: [
        newRegion({ id: "house", prompt: "house" }),
        newRegion({ id: "tree", prompt: "tree", visible: false }),
      ],
      masks: { house: asTrait(block(0, 0, 64, 64)), tree: asTrait(block(0, 0, 64, 64)) },
    });
    key("1");
    key("i");
    key("ArrowRight");
    key(" ");
    expect(active()).toEqual(["house"]);
  });
});

describe("the magic select", () => {
  it("says so where there is no picture", () => {
    key("w");
    expect(find("tolerance").hidden).toBe(false);
    drag([5, 5], [5, 5]);
    expect(find("banner").textContent).toContain("There is no picture yet to select in");
    expect(pack(mask("house"))).toEqual(pack(HOUSE));
  });

  it("adds the area of similar color, or takes it away, as one step", async () => {
    await paintPicture();
    key("w");
    drag([5, 5], [5, 5]);
    const added = emptyMask(64, 64);
    added.data.set(HOUSE.data);
    fillRectangle(added, [0, 0, 16 * 30, 16 * 64], 255);
    expect(mask("house")).toEqual(added);
    expect(find("undo").title).toContain("magic select");
    drag([5, 5], [5, 5], { altKey: true });
    expect(contentBox(mask("house"))).toEqual([30, 24, 6, 8]);
    key("z", { ctrlKey: true });
    key("z", { ctrlKey: true });
    expect(mask("house")).toEqual(HOUSE);
    const tolerance = find<HTMLInputElement>("tolerance");
    tolerance.value = "255";
    tolerance.dispatchEvent(new Event("input", { bubbles: true }));
    drag([50, 5], [50, 5]);
    expect(contentBox(mask("house"))).toEqual([0, 0, 64, 64]);
    drag([50, 5], [50, 5]);
    expect(find("banner").textContent).toContain("covers all of that color here already");
  });
});

/** A picture of two colors; happy-dom cannot draw one. */
async function paintPicture(): Promise<void> {
  const data = Uint8ClampedArray.from({ length: 64 * 64 * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i >> 2) % 64 < 30 ? 40 + ((i * 7) % 20) : 200,
  );
  const picture = el.querySelector(".sd-picture") as HTMLCanvasElement;
  Object.assign(picture, { width: 64, height: 64 });
  const context = { getImageData: () => ({ width: 64, height: 64, data }), drawImage() {}, globalAlpha: 1 };
  Object.defineProperty(picture, "getContext", { value: () => context });
  vi.stubGlobal("createImageBitmap", async () => ({ close() {} }));
  model.frame(1, 1, "settled", 4);
  await vi.waitFor(() => expect(model.messages("painted")).toHaveLength(1));
}
