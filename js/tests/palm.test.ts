// @vitest-environment happy-dom
// Pen, fingers and the hand that holds the pen.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drawStroke, emptyMask, type Mask, unpack } from "../src/mask";
import { newRegion } from "../src/scene";
import { subpixel } from "../src/stroke";
import { type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

const find = <T extends HTMLElement>(id: string) => el.querySelector(`[data-testid="sd-${id}"]`) as T;
const canvas = () => find("canvas");

beforeEach(() => {
  ({ model, el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })] }));
  canvas().getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
});
afterEach(() => close());

type Point = readonly [x: number, y: number];

interface More extends PointerEventInit {
  at?: number;
}

function pointer(type: string, [clientX, clientY]: Point, { at = 0, ...more }: More = {}): void {
  const init = { clientX, clientY, isPrimary: true, button: 0, buttons: 1, bubbles: true, cancelable: true };
  const event = new PointerEvent(type, { ...init, ...more });
  Object.defineProperty(event, "timeStamp", { value: at });
  canvas().dispatchEvent(event);
}

const PEN: More = { pointerId: 1, pointerType: "pen", pressure: 1 };
const PALM: More = { pointerId: 7, pointerType: "touch" };
const OTHER: More = { pointerId: 8, pointerType: "touch", isPrimary: false };

function drag(points: readonly Point[], more: More): void {
  pointer("pointerdown", points[0]!, more);
  for (const point of points.slice(1)) pointer("pointermove", point, more);
  pointer("pointerup", points.at(-1)!, more);
}

function mask(): Mask {
  const view = (model.values.masks as Record<string, DataView>).a;
  return view ? unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) : emptyMask(64, 64);
}

function drawn(...points: Point[]): Mask {
  const mask = emptyMask(64, 64);
  drawStroke(
    mask,
    points.flatMap((point) => point.map(subpixel)),
    28,
    255,
  );
  return mask;
}

const view = () => el.querySelector<HTMLElement>(".sd-picture")!.style.transform;
const key = (name: string) =>
  canvas().dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const undoable = () => !find<HTMLButtonElement>("undo").disabled;

const FROM: Point = [16, 16];
const TO: Point = [40, 30];

describe("while a pen draws", () => {
  it.each([1, 2])("%d touches do nothing: the stroke goes on, nothing pans or zooms", (count) => {
    key("+");
    key("0");
    const before = view();
    pointer("pointerdown", FROM, { ...PEN, at: 100 });
    pointer("pointerdown", [50, 50], { ...PALM, at: 150 });
    if (count === 2) pointer("pointerdown", [20, 50], { ...OTHER, at: 160 });
    pointer("pointermove", [60, 60], { ...PALM, at: 170 });
    if (count === 2) pointer("pointermove", [2, 60], { ...OTHER, at: 170 });
    pointer("pointermove", TO, { ...PEN, at: 200 });
    pointer("pointercancel", [60, 60], { ...PALM, at: 210 });
    pointer("pointerup", TO, { ...PEN, at: 220 });
    expect(view()).toBe(before);
    expect(mask()).toEqual(drawn(FROM, TO));
  });

  it("a hand that stays when the pen is lifted rests until it is lifted, too", () => {
    key("+");
    const before = view();
    pointer("pointerdown", FROM, PEN);
    pointer("pointerdown", [50, 50], PALM);
    pointer("pointerup", FROM, PEN);
    pointer("pointermove", [20, 20], PALM);
    expect(view()).toBe(before);
    pointer("pointerup", [20, 20], PALM);
    drag([FROM, TO], PALM);
    expect(view()).not.toBe(before); // a finger moves the view again
  });

  it("the ring stays with it", () => {
    const ring = el.querySelector<HTMLElement>(".sd-ring")!;
    pointer("pointermove", FROM, { ...PEN, buttons: 0 });
    pointer("pointerdown", FROM, PEN);
    pointer("pointermove", TO, PEN);
    pointer("pointerdown", [50, 50], PALM);
    pointer("pointermove", [51, 50], PALM);
    pointer("pointerleave", [51, 50], PALM);
    expect(ring.hidden).toBe(false);
    pointer("pointerup", TO, PEN);
    pointer("pointerleave", TO, { ...PEN, buttons: 0 });
    expect(ring.hidden).toBe(true);
  });
});

describe("a pen that comes down", () => {
  it("takes back what its hand has just begun, and draws", () => {
    pointer("pointerdown", [50, 50], { ...PALM, at: 100 });
    pointer("pointermove", [54, 50], { ...PALM, at: 120 });
    pointer("pointerdown", FROM, { ...PEN, at: 300 });
    pointer("pointermove", [60, 50], { ...PALM, at: 310 });
    pointer("pointermove", TO, { ...PEN, at: 320 });
    pointer("pointerup", TO, { ...PEN, at: 330 });
    expect(mask()).toEqual(drawn(FROM, TO));
    find("undo").click();
    expect([mask(), undoable()]).toEqual([emptyMask(64, 64), false]);
  });

  it("keeps what a finger has drawn for a while", () => {
    pointer("pointerdown", [50, 50], { ...PALM, at: 100 });
    pointer("pointerdown", FROM, { ...PEN, at: 1300 });
    pointer("pointerup", FROM, { ...PEN, at: 1400 });
    find("undo").click();
    expect(mask()).toEqual(drawn([50, 50]));
  });

  it("stops the fingers that move the view", () => {
    drag([FROM], PEN); // from now on fingers move the view
    key("+");
    pointer("pointerdown", [50, 50], PALM);
    pointer("pointermove", [48, 50], PALM);
    const before = view();
    expect(canvas().dataset.hand).toBe("holds");
    pointer("pointerdown", FROM, PEN);
    pointer("pointermove", [30, 50], PALM);
    expect([view(), canvas().dataset.hand]).toEqual([before, undefined]);
    pointer("pointerup", FROM, PEN);
  });
});

describe("whether fingers draw", () => {
  const fingers = () => {
    find("brush-tip").click();
    return find<HTMLInputElement>("fingers");
  };
  const offered = () => {
    const found = !fingers().closest<HTMLElement>(".sd-line")!.hidden;
    find("brush-tip").click();
    return found;
  };

  it("is asked only where a finger or a pen has touched", () => {
    drag([FROM], { pointerId: 3, pointerType: "mouse" });
    expect(offered()).toBe(false);
    drag([FROM], PALM);
    expect(offered()).toBe(true);
  });

  it("they do until a pen is seen, even if it only hovers", () => {
    drag([FROM], PALM);
    expect(mask()).toEqual(drawn(FROM));
    expect(fingers().checked).toBe(true);
    pointer("pointermove", TO, { ...PEN, buttons: 0 });
    expect(find<HTMLInputElement>("fingers").checked).toBe(false);
    drag([TO], PALM);
    expect(mask()).toEqual(drawn(FROM));
  });

  it("is a switch, either way", () => {
    pointer("pointermove", TO, { ...PEN, buttons: 0 });
    const input = fingers();
    expect([input.getAttribute("role"), input.title]).toEqual([
      "switch",
      expect.stringContaining("one finger"),
    ]);
    input.click();
    drag([FROM], PALM);
    expect(mask()).toEqual(drawn(FROM));
    fingers().click(); // the card closed with the press on the canvas
    drag([TO], PALM);
    expect(mask()).toEqual(drawn(FROM));
  });
});
