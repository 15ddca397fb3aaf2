// @vitest-environment happy-dom
// The brush on the canvas: hardness, steady strokes, and the card where both are set.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyMask, type Mask, unpack } from "../src/mask";
import { newRegion } from "../src/scene";
import { drawSoftStroke } from "../src/softedge";
import { SteadyHand, stringLength } from "../src/steady";
import { Store } from "../src/store";
import { subpixel } from "../src/stroke";
import { asTrait, type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

const find = <T extends HTMLElement>(id: string) => el.querySelector(`[data-testid="sd-${id}"]`) as T;
const canvas = () => find("canvas");
const said = () => find("said").textContent;

beforeEach(() => {
  ({ model, el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })] }));
  canvas().getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
});
afterEach(() => close());

function key(name: string, more: KeyboardEventInit = {}, type = "keydown"): void {
  canvas().dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true, ...more }));
}

type Point = readonly [x: number, y: number];

interface More extends PointerEventInit {
  coalesced?: readonly Point[];
}

function pointer(type: string, [clientX, clientY]: Point, { coalesced, ...more }: More = {}): void {
  const init = {
    clientX,
    clientY,
    pointerId: 1,
    isPrimary: true,
    button: 0,
    buttons: 1,
    bubbles: true,
    ...more,
  };
  const event = new PointerEvent(type, init);
  const between = (coalesced ?? []).map(
    ([x, y]) => new PointerEvent(type, { ...init, clientX: x, clientY: y }),
  );
  Object.defineProperty(event, "getCoalescedEvents", { value: () => between });
  canvas().dispatchEvent(event);
}

function drag(points: readonly Point[], more: More = {}): void {
  pointer("pointerdown", points[0]!, more);
  for (const point of points.slice(1)) pointer("pointermove", point, more);
  pointer("pointerup", points.at(-1)!, more);
}

function set(id: string, value: number): void {
  const field = find<HTMLInputElement>(id);
  field.value = String(value);
  field.dispatchEvent(new Event("input"));
}

/** The card is there only while it is open. */
function setInCard(id: string, value: number): void {
  find("brush-tip").click();
  set(id, value);
  find("brush-tip").click();
}

/** As the kernel has it in its traits. */
function mask(): Mask {
  const view = (model.values.masks as Record<string, DataView>).a!;
  return unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

const sixteenths = (points: readonly Point[]) => points.flatMap((point) => point.map(subpixel));

function drawn(
  points: readonly Point[],
  hardness: number,
  value: 0 | 255 = 255,
  start = emptyMask(64, 64),
  size = 28,
) {
  drawSoftStroke(start, sixteenths(points), size, value, hardness);
  return start;
}

const LINE: Point[] = [
  [12.3, 20],
  [30, 25.5],
  [44, 50],
];

describe("hardness", () => {
  it("goes in steps of 25 % with braces, and with Shift and brackets; it is said", () => {
    key("{", { shiftKey: true });
    expect(said()).toBe("Hardness 75 %");
    key("[", { shiftKey: true });
    key("{");
    expect(said()).toBe("Hardness 25 %");
    key("}", { shiftKey: true });
    drag(LINE);
    expect(mask()).toEqual(drawn(LINE, 50));
    for (let i = 0; i < 5; i++) key("]", { shiftKey: true });
    expect(said()).toBe("Hardness 100 %");
    for (let i = 0; i < 9; i++) key("{", { shiftKey: true });
    expect(said()).toBe("Hardness 0 %");
  });

  it("goes to the next step from anywhere", () => {
    setInCard("hardness", 60);
    key("}", { shiftKey: true });
    expect(said()).toBe("Hardness 75 %");
    setInCard("hardness", 60);
    key("{", { shiftKey: true });
    expect(said()).toBe("Hardness 50 %");
  });

  it("is what the pen draws and the eraser takes, one step of undo each", () => {
    setInCard("hardness", 40);
    drag(LINE);
    const soft = drawn(LINE, 40);
    expect(mask()).toEqual(soft);
    expect(new Set(soft.data).size).toBeGreaterThan(20);
    key("e");
    drag([LINE[1]!]);
    const rest = drawn([LINE[1]!], 40, 0, drawn(LINE, 40));
    expect(mask()).toEqual(rest);
    key("z", { ctrlKey: true });
    expect(mask()).toEqual(soft);
    key("z", { ctrlKey: true });
    expect(mask()).toEqual(emptyMask(64, 64));
    key("z", { ctrlKey: true, shiftKey: true });
    key("z", { ctrlKey: true, shiftKey: true });
    expect(mask()).toEqual(rest);
  });

  it("does not depend on how many events a stroke has", () => {
    setInCard("hardness", 0);
    const [from, to]: [Point, Point] = [
      [8, 8],
      [56, 40],
    ];
    const between = Array.from({ length: 15 }, (_, i): Point => [8 + 3 * (i + 1), 8 + 2 * (i + 1)]);
    drag([from, ...between, to]);
    expect(mask()).toEqual(drawn([from, to], 0));
  });

  it("is the keyboard's too", () => {
    setInCard("hardness", 50);
    key(" ");
    key("ArrowRight");
    key(" ", {}, "keyup");
    expect(mask()).toEqual(
      drawn(
        [
          [32, 32],
          [39, 32],
        ],
        50,
      ),
    );
  });

  it("a soft stroke stays on top of what Python sets meanwhile, to the byte", () => {
    setInCard("hardness", 0);
    pointer("pointerdown", LINE[0]!);
    pointer("pointermove", LINE[1]!);
    const theirs = drawn([[20, 20]], 0, 255, emptyMask(64, 64), 40);
    model.python({ masks: { a: asTrait(theirs) } });
    pointer("pointermove", LINE[2]!);
    pointer("pointerup", LINE[2]!);
    expect(mask()).toEqual(drawn(LINE, 0, 255, { ...theirs, data: theirs.data.slice() }));
    key("z", { ctrlKey: true });
    expect(mask()).toEqual(theirs);
  });

  it("a stroke stays whole where it changed nothing until Python took that away", () => {
    const store = new Store();
    store.takeValues({ size: [64, 64] });
    store.addRegion({ id: "a" });
    store.takeMask("a", { ...emptyMask(64, 64), data: new Uint8Array(64 * 64).fill(255) });
    const stroke = store.beginStroke(255)!;
    for (const [x, y] of LINE) stroke.to(x, y, 12, 70);
    expect(stroke.box).toBeNull();
    store.takeMask("a", emptyMask(64, 64));
    store.endStroke();
    expect(store.mask("a")).toEqual(drawn(LINE, 70, 255, emptyMask(64, 64), 12));
    store.undo();
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
  });
});

describe("a steady stroke", () => {
  /** Where the ink goes: as the pure class says, the last place being where the pen was lifted. */
  const inked = (points: readonly Point[], steady: number) => {
    const hand = new SteadyHand(stringLength(steady));
    const inks = points.map((point) => hand.follow(point)).filter((ink) => ink !== null);
    const rest = hand.catchUp();
    return rest ? [...inks, rest] : inks;
  };

  it("is off at first", () => {
    find("brush-tip").click();
    expect(find<HTMLInputElement>("steady").value).toBe("0");
    expect(find<HTMLInputElement>("steady").getAttribute("aria-valuetext")).toBe("off");
  });

  it("draws along the string, and ends where the pen was lifted", () => {
    setInCard("steady", 30);
    drag(LINE);
    expect(inked(LINE, 30)).not.toEqual(LINE);
    expect(mask()).toEqual(drawn(inked(LINE, 30), 100));
  });

  it("takes all places that the browser has gathered between two frames", () => {
    setInCard("steady", 30);
    const gathered: Point[] = [
      [20, 10],
      [34, 16],
      [40, 30],
    ];
    pointer("pointerdown", LINE[0]!);
    pointer("pointermove", gathered[2]!, { coalesced: gathered });
    pointer("pointerup", gathered[2]!);
    expect(mask()).toEqual(drawn(inked([LINE[0]!, ...gathered], 30), 100));
  });

  it("is as wide as the pen presses, and gets no thin tail where it is lifted", () => {
    setInCard("steady", 30);
    const pen = { pointerType: "pen", pressure: 0.5 };
    pointer("pointerdown", LINE[0]!, pen);
    for (const point of LINE.slice(1)) pointer("pointermove", point, pen);
    const lifted: Point = [LINE[2]![0] - 1, LINE[2]![1] - 2]; // the string gets slack
    pointer("pointermove", lifted, { ...pen, pressure: 0 });
    pointer("pointerup", lifted, { ...pen, pressure: 0 });
    const points = [...LINE, lifted];
    expect(mask()).toEqual(drawn(inked(points, 30), 100, 255, emptyMask(64, 64), Math.round(28 * 0.65)));
  });

  it("shows its string while the ink is behind, and no longer", () => {
    const shown = () => !find("tether").hidden;
    expect(shown()).toBe(false);
    setInCard("steady", 50);
    pointer("pointerdown", [10, 10]);
    expect(shown()).toBe(false);
    pointer("pointermove", [16, 10]);
    expect(shown()).toBe(true);
    const line = find("tether").querySelector("line")!;
    expect(["x1", "y1", "x2", "y2"].map((name) => Number.parseFloat(line.getAttribute(name)!))).toEqual(
      [10, 10, 16, 10].map((px) => (100 * px) / 64),
    );
    pointer("pointerup", [16, 10]);
    expect(shown()).toBe(false);
    pointer("pointerdown", [10, 10]);
    pointer("pointermove", [16, 10]);
    key("Escape");
    expect(shown()).toBe(false);
    pointer("pointermove", [20, 10]);
    expect(shown()).toBe(false);
  });

  it("leaves shapes as they are", () => {
    setInCard("steady", 100);
    key("r");
    drag([
      [10, 10],
      [20, 24],
    ]);
    expect(mask().data.filter((value) => value).length).toBe(140);
  });
});

describe("the card of the brush", () => {
  it("opens and closes by its button, Escape, and a press or the focus elsewhere", () => {
    const open = () => find("brush-card") !== null;
    const button = find("brush-tip");
    for (const shut of [
      () => button.click(),
      () => find("hardness").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })),
      () => canvas().dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })),
      () => find("masks").focus(),
    ]) {
      button.click();
      expect([open(), button.getAttribute("aria-expanded")]).toEqual([true, "true"]);
      expect(find("brush-card").contains(document.activeElement)).toBe(true);
      shut();
      expect([open(), button.getAttribute("aria-expanded")]).toEqual([false, "false"]);
    }
  });

  it("says what it sets", () => {
    find("brush-tip").click();
    const names = [...find("brush-card").querySelectorAll("input")].map((field) =>
      field.getAttribute("aria-label"),
    );
    expect(names).toEqual(["Brush size", "Hardness", "Steady stroke", null]);
    expect(find("fingers").closest(".sd-line")!.textContent).toBe("Draw with finger");
    set("card-size", 50);
    expect(find<HTMLInputElement>("size").value).toBe("50");
  });
});
