// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Box, contentBox, emptyMask, type Mask, unpack } from "../src/mask";
import { newRegion } from "../src/scene";
import { fillEllipse, fillPolygon, fillRectangle } from "../src/shapes";
import { asTrait, type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

/** On a canvas that is 64 x 64 in px of the scene and of the page. */
function open(values: Record<string, unknown> = {}): void {
  ({ model, el, close } = openCanvas(values));
  canvas().getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
}

const find = <T extends Element = HTMLElement>(id: string) => el.querySelector(`[data-testid="${id}"]`) as T;
const canvas = () => find("sd-canvas");
const outline = () => find("sd-preview").querySelector(".sd-preview-line")?.getAttribute("d");
const rows = () => el.querySelectorAll('[data-testid="sd-region-row"]');

function key(name: string, more: KeyboardEventInit = {}, type = "keydown"): void {
  canvas().dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true, ...more }));
}

function pointer(type: string, [clientX, clientY]: [number, number], more: PointerEventInit = {}): void {
  const init = { clientX, clientY, pointerId: 1, isPrimary: true, button: 0, buttons: 1, bubbles: true };
  canvas().dispatchEvent(new PointerEvent(type, { ...init, ...more }));
}

function drag(points: [number, number][], more: PointerEventInit = {}): void {
  pointer("pointerdown", points[0]!, more);
  for (const point of points.slice(1)) pointer("pointermove", point, more);
  pointer("pointerup", points.at(-1)!, more);
}

const click = (at: [number, number], more: PointerEventInit = {}) => drag([at], more);

/** Masks as the kernel has them, by region. */
function masks(): Record<string, Mask> {
  const written = model.writes<Record<string, DataView>>("masks").at(-1) ?? {};
  return Object.fromEntries(
    Object.entries(written).map(([id, { buffer, byteOffset, byteLength }]) => [
      id,
      unpack(new Uint8Array(buffer, byteOffset, byteLength)),
    ]),
  );
}

const mask = () => Object.values(masks())[0] as Mask;

function drawn(draw: (mask: Mask) => unknown, start = emptyMask(64, 64)): Mask {
  draw(start);
  return start;
}

const sixteenths = (...px: number[]) => px.map((value) => 16 * value);

beforeEach(() => open());
afterEach(() => close());

describe("rectangle and ellipse", () => {
  it.each([
    ["r", "rectangle", fillRectangle],
    ["o", "ellipse", fillEllipse],
  ] as const)("%s draws one", (letter, name, fill) => {
    key(letter);
    expect(find(`sd-${name}`).getAttribute("aria-pressed")).toBe("true");
    drag([
      [10, 12],
      [30, 20],
      [41, 33],
    ]);
    expect(mask()).toEqual(drawn((mask) => fill(mask, sixteenths(10, 12, 41, 33), 255)));
    expect(find("sd-undo").title).toContain(`Undo ${name}`);
    key("z", { ctrlKey: true });
    expect(rows()).toHaveLength(0); // the region came with it, in one step
  });

  it("Shift makes a square, in whichever direction", () => {
    key("r");
    drag(
      [
        [40, 40],
        [30, 20],
      ],
      { shiftKey: true },
    );
    expect(contentBox(mask())).toEqual([20, 20, 20, 20]);
  });

  it("Alt takes away, and so does the pen's eraser", () => {
    key("r");
    const whole: [number, number][] = [
      [0, 0],
      [64, 64],
    ];
    drag(whole);
    const hole: [number, number][] = [
      [10, 10],
      [20, 30],
    ];
    const expected = drawn((mask) => {
      fillRectangle(mask, sixteenths(0, 0, 64, 64), 255);
      fillRectangle(mask, sixteenths(10, 10, 20, 30), 0);
    });
    drag(hole, { altKey: true });
    expect(mask()).toEqual(expected);
    find("sd-undo").click();
    drag(hole, { pointerType: "pen", button: 5, buttons: 32 });
    expect(mask()).toEqual(expected);
  });

  it("shows the outline at once, and writes nothing before the pointer is lifted", () => {
    key("r");
    pointer("pointerdown", [10, 10]);
    pointer("pointermove", [30, 20]);
    expect(outline()).toBe("M160 160H480V320H160Z");
    key("Shift", { shiftKey: true });
    expect(outline()).toBe("M160 160H480V480H160Z");
    key("Shift", {}, "keyup");
    key("Alt", { altKey: true });
    expect(find("sd-preview").hasAttribute("data-takes-away")).toBe(true);
    expect(model.messages("mask_patch")).toHaveLength(0);
    key("Alt", {}, "keyup");
    pointer("pointerup", [30, 20]);
    expect(outline()).toBe("");
    expect(model.messages("mask_patch").map(({ box, final }) => [box, final])).toEqual([
      [[10, 10, 20, 10] satisfies Box, true],
    ]);
  });

  it("Escape, a broken-off pointer and another tool drop it; a click makes nothing", () => {
    key("r");
    for (const drop of [
      () => key("Escape"),
      () => pointer("pointercancel", [30, 20]),
      () => key("b"),
      () => find("sd-brush").click(),
    ]) {
      key("r");
      pointer("pointerdown", [10, 10]);
      pointer("pointermove", [30, 20]);
      drop();
      expect(outline()).toBe("");
      pointer("pointerup", [30, 20]);
    }
    key("r");
    click([20, 20]);
    expect(rows()).toHaveLength(0);
    expect(find<HTMLButtonElement>("sd-undo").disabled).toBe(true);
  });

  it.each(["Delete", "z"])("%s while one is dragged drops it, and clears and undoes nothing", (name) => {
    key("r");
    drag([
      [0, 0],
      [8, 8],
    ]);
    const before = mask();
    pointer("pointerdown", [10, 10]);
    pointer("pointermove", [30, 20]);
    key(name, { ctrlKey: name === "z" });
    expect(outline()).toBe("");
    pointer("pointerup", [30, 20]);
    expect(mask()).toEqual(before);
  });

  it("a locked region refuses before anything is drawn", () => {
    model.python({ regions: [newRegion({ id: "a", prompt: "sea", locked: true })] });
    key("r");
    pointer("pointerdown", [10, 10]);
    pointer("pointermove", [30, 20]);
    expect(outline()).toBe("");
    expect(el.textContent).toContain('"sea" is locked');
  });

  it("is drawn by keys", () => {
    key("r");
    key(" ");
    for (let i = 0; i < 5; i++) key("ArrowRight", { shiftKey: true });
    key("ArrowDown");
    key(" ", {}, "keyup");
    expect(contentBox(mask())).toEqual([32, 32, 5, 7]);
  });
});

describe("lasso", () => {
  const corners: [number, number][] = [
    [10, 10],
    [50, 14],
    [30, 50],
  ];
  const triangle = () => drawn((mask) => fillPolygon(mask, sixteenths(...corners.flat()), 255));

  beforeEach(() => key("l"));

  it("fills what it is drawn around", () => {
    drag(corners);
    expect(mask()).toEqual(triangle());
    expect(find("sd-undo").title).toContain("Undo lasso");
  });

  it("takes clicked corners, until Enter", () => {
    for (const at of corners) click(at);
    pointer("pointermove", [31, 40], { buttons: 0 });
    expect(outline()).toBe("M160 160 800 224 480 800 496 640Z");
    expect(model.messages("mask_patch")).toHaveLength(0);
    key("Enter");
    expect(mask()).toEqual(triangle());
    expect(model.messages("mask_patch").at(-1)?.final).toBe(true);
  });

  it("until a double click", () => {
    for (const at of [...corners, corners[2]!]) click(at);
    canvas().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(mask()).toEqual(triangle());
  });

  it("until a click on the first corner", () => {
    for (const at of [...corners, [12, 13] as [number, number]]) click(at);
    expect(mask()).toEqual(triangle());
  });

  it("Escape drops the corners; two are no area", () => {
    for (const at of corners) click(at);
    key("Escape");
    expect(outline()).toBe("");
    click([5, 5]);
    click([20, 20]);
    key("Enter");
    expect(rows()).toHaveLength(0);
  });

  it.each([
    ["Backspace", {}],
    ["Delete", {}],
    ["z", { ctrlKey: true }],
    ["z", { metaKey: true }],
  ] as const)("%s %o takes back the last corner, and nothing that was there before", (name, more) => {
    key("r");
    drag([
      [52, 52],
      [60, 60],
    ]);
    key("l");
    const before = mask();
    for (const at of [...corners, [5, 60] as [number, number]]) click(at);
    key(name, more);
    expect(outline()).toBe("M160 160 800 224 480 800Z");
    expect(mask()).toEqual(before);
    key("Enter");
    expect(mask()).toEqual(drawn((mask) => fillPolygon(mask, sixteenths(...corners.flat()), 255), before));
    click([5, 5]);
    key(name, more);
    expect(outline()).toBe("");
    key(name, more); // there is no corner any more: it is what it always is
    expect(mask()).not.toEqual(
      drawn((mask) => fillPolygon(mask, sixteenths(...corners.flat()), 255), before),
    );
  });

  it("what was drawn at one press is taken back at once, even while it is down", () => {
    for (const at of corners) click(at);
    drag([
      [40, 60],
      [30, 62],
      [20, 60],
    ]);
    key("Backspace");
    expect(outline()).toBe("M160 160 800 224 480 800Z");
    pointer("pointerdown", [40, 60]);
    pointer("pointermove", [20, 60]);
    key("Backspace");
    pointer("pointerup", [20, 60]);
    key("Enter");
    expect(mask()).toEqual(triangle());
  });

  it("two fingers, the first of which had set a corner, take back that one alone", () => {
    for (const at of corners) click(at);
    const touch = { pointerType: "touch" };
    pointer("pointerdown", [10, 40], { ...touch, pointerId: 5 });
    pointer("pointerdown", [40, 40], { ...touch, pointerId: 6, isPrimary: false });
    pointer("pointermove", [50, 40], { ...touch, pointerId: 6, isPrimary: false });
    pointer("pointerup", [10, 40], { ...touch, pointerId: 5 });
    pointer("pointerup", [50, 40], { ...touch, pointerId: 6, isPrimary: false });
    expect(outline()).toBe("M160 160 800 224 480 800Z");
    key("Enter");
    expect(mask()).toEqual(triangle());
  });

  it("Alt takes away", () => {
    key("r");
    drag([
      [0, 0],
      [64, 64],
    ]);
    key("l");
    drag(corners, { altKey: true });
    const { data } = triangle();
    expect(mask().data).toEqual(data.map((value) => 255 - value));
  });
});

describe("bucket", () => {
  const regions = [newRegion({ id: "a", prompt: "sea" }), newRegion({ id: "b", prompt: "wall" })];
  const left = drawn((mask) => fillRectangle(mask, sixteenths(0, 0, 20, 64), 255));
  const wall = drawn((mask) => fillRectangle(mask, sixteenths(20, 0, 24, 64), 255));

  function choose(row: string, more: Partial<(typeof regions)[0]> = {}): void {
    close();
    open({ regions: [regions[0], { ...regions[1], ...more }], masks: { b: asTrait(wall) } });
    key(row); // 1 is the uppermost
    key("g");
  }

  it("fills up to the other regions, and no further", () => {
    choose("2");
    click([5, 60]);
    expect(masks().a).toEqual(left);
    click([60, 5]);
    expect(masks().a!.data).toEqual(wall.data.map((value) => 255 - value));
  });

  it("a hidden region stops nothing", () => {
    choose("2", { visible: false });
    click([5, 60]);
    expect(masks().a!.data.every((value) => value === 255)).toBe(true);
  });

  it("says why where there is nothing to fill", () => {
    choose("2");
    click([22, 30]);
    expect(el.textContent).toContain("The bucket fills what is free");
    expect(find<HTMLButtonElement>("sd-undo").disabled).toBe(true);
  });

  it("Alt takes away the part under the pointer", () => {
    choose("1");
    click([60, 30]);
    key("r");
    drag(
      [
        [30, 0],
        [40, 64],
      ],
      { altKey: true },
    );
    key("g");
    click([50, 30], { altKey: true });
    expect(contentBox(masks().b!)).toEqual([20, 0, 10, 64]);
  });
});

describe("the buttons", () => {
  it("have tooltips, keys and names", () => {
    for (const [name, letter] of [
      ["rectangle", "R"],
      ["ellipse", "O"],
      ["lasso", "L"],
      ["bucket", "G"],
    ] as const) {
      const button = find(`sd-${name}`);
      expect(button.getAttribute("aria-keyshortcuts")).toBe(letter);
      expect(button.title).toMatch(new RegExp(`\\(${letter}\\): .*Alt`));
      button.click();
      expect(button.getAttribute("aria-pressed")).toBe("true");
      expect(canvas().dataset.tool).toBe(name);
    }
  });

  it("fold away behind one button, which shows the tool in hand", () => {
    const more = find("sd-shapes");
    more.click();
    expect(more.getAttribute("aria-expanded")).toBe("true");
    find("sd-lasso").click();
    expect([more.getAttribute("aria-expanded"), more.getAttribute("aria-pressed")]).toEqual([
      "false",
      "true",
    ]);
    expect(more.innerHTML).toBe(find("sd-lasso").innerHTML);
    more.click();
    more.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(more.getAttribute("aria-expanded")).toBe("false");
  });
});
