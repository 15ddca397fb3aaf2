// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentBox, drawStroke, emptyMask, type Mask, unpack } from "../src/mask";
import { Viewport } from "../src/viewport";
import { type FakeModel, openCanvas } from "./model";

const RECT = new DOMRect(30, 50, 300, 300);

function viewport(width = 256, height = 256) {
  const view = new Viewport(() => [width, height]);
  let told = 0;
  view.on("changed", () => told++);
  return { view, changes: () => told };
}

const near = (found: readonly number[], wanted: readonly number[]) =>
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 9);
  });

describe("a viewport", () => {
  it("shows all at first, and maps places as if it were not there", () => {
    const { view } = viewport();
    expect(view.fits).toBe(true);
    expect(view.toScene(RECT, 47.3, 211.9)).toEqual([((47.3 - 30) * 256) / 300, ((211.9 - 50) * 256) / 300]);
  });

  it("zooms about a place, which stays where it is", () => {
    const { view } = viewport();
    const [clientX, clientY] = [130, 290];
    const before = view.toScene(RECT, clientX, clientY);
    view.zoomTo(7, [(clientX - 30) / 300, (clientY - 50) / 300]);
    expect(view.zoom).toBe(7);
    near(view.toScene(RECT, clientX, clientY), before);
    near(view.toShare(...before), [(clientX - 30) / 300, (clientY - 50) / 300]);
  });

  it("pinches: what was between the fingers stays between them", () => {
    const { view } = viewport();
    view.zoomTo(3, [0.4, 0.6]);
    const at = view.toScene(new DOMRect(0, 0, 1, 1), 0.3, 0.5);
    view.pinch(2, [0.3, 0.5], [0.5, 0.45]);
    near(view.toShare(...at), [0.5, 0.45]);
  });

  it("has limits: eight pixels, and a quarter of the stage", () => {
    const { view } = viewport(256, 128);
    view.zoomTo(1e9);
    expect(view.zoom).toBe(16);
    view.zoomTo(1e-9);
    expect(view.zoom).toBe(0.25);
    near([view.left, view.top], [-1.5 * 256, -1.5 * 128]); // a small canvas lies in the middle
  });

  it("lets any place come to the middle of a large view, and no further", () => {
    const { view } = viewport();
    view.zoomTo(4);
    view.pan(99, 99);
    near([view.left, view.top], [-32, -32]);
    view.pan(-99, -99);
    near([view.left, view.top], [224, 224]);
  });

  it("fits again, exactly, and tells only changes", () => {
    const { view, changes } = viewport();
    view.fit();
    view.pan(0.2, 0); // there is nothing to see beside the canvas
    expect([view.fits, changes()]).toEqual([true, 0]);
    view.zoomTo(2.5, [0.1, 0.7]);
    view.fit();
    expect([view.zoom, view.left, view.top, changes()]).toEqual([1, 0, 0, 2]);
  });

  it("goes along with a tool that leaves it", () => {
    const { view } = viewport();
    view.zoomTo(4);
    view.reveal(128, 250);
    const [across, down] = view.toShare(128, 250);
    expect([across > 0, down < 1, down > 0.9]).toEqual([true, true, true]);
    const { left, top } = view;
    view.reveal(128, 249);
    expect([view.left, view.top]).toEqual([left, top]);
  });
});

// ---------------------------------------------------------------- in the canvas

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

const find = <T extends HTMLElement>(id: string) => el.querySelector(`[data-testid="sd-${id}"]`) as T;
const canvas = () => find("canvas");

beforeEach(() => {
  ({ model, el, close } = openCanvas());
  canvas().getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
});
afterEach(() => close());

interface More extends PointerEventInit {
  timeStamp?: number;
}

function pointer(type: string, [clientX, clientY]: readonly number[], { timeStamp, ...more }: More = {}) {
  const init = { clientX, clientY, pointerId: 1, isPrimary: true, button: 0, buttons: 1, bubbles: true };
  const event = new PointerEvent(type, { ...init, cancelable: true, ...more });
  if (timeStamp !== undefined) Object.defineProperty(event, "timeStamp", { value: timeStamp });
  canvas().dispatchEvent(event);
}

function drag(points: readonly number[][], more: More = {}): void {
  pointer("pointerdown", points[0]!, more);
  for (const point of points.slice(1)) pointer("pointermove", point, more);
  pointer("pointerup", points.at(-1)!, more);
}

const first = { pointerType: "touch", timeStamp: 100 };
const second = { pointerType: "touch", pointerId: 2, isPrimary: false, timeStamp: 180 };

type Modifiers = { ctrlKey?: boolean; metaKey?: boolean; shiftKey?: boolean };

function wheel(deltaY: number, modifiers: Modifiers, init: WheelEventInit = {}): WheelEvent {
  const event = new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true, ...init });
  // happy-dom's wheel is no mouse.
  for (const [name, value] of Object.entries({ clientX: 16, clientY: 48, ...modifiers })) {
    Object.defineProperty(event, name, { value });
  }
  canvas().dispatchEvent(event);
  return event;
}

function key(name: string, more: KeyboardEventInit = {}, type = "keydown"): void {
  canvas().dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true, ...more }));
}

function masks(): Mask[] {
  const written = model.writes<Record<string, DataView>>("masks").at(-1) ?? {};
  return Object.values(written).map((view) => unpack(new Uint8Array(view.buffer)));
}

const zoom = () => find<HTMLInputElement>("zoom").value;

describe("zoom and pan", () => {
  it("leave a plain wheel to the notebook", () => {
    expect(wheel(100, {}).defaultPrevented).toBe(false);
    expect(zoom()).toBe("100 %");
    expect(wheel(-30, { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(zoom()).toBe("123 %");
    wheel(30, { metaKey: true });
    expect(zoom()).toBe("100 %");
  });

  it("a plain wheel pans where there is more than is seen; with Shift to the side", () => {
    const seen = () => {
      const [x, y, zoom] = find("canvas")
        .parentElement!.querySelector<HTMLElement>(".sd-picture")!
        .style.transform.match(/-?[\d.]+/g)!
        .map(Number) as [number, number, number];
      return [(x * 64) / 100, (y * 64) / 100, zoom]; // CSS px
    };
    wheel(-30, { ctrlKey: true });
    wheel(-30, { ctrlKey: true });
    const [x, y, zoom] = seen();
    expect(wheel(10, {}).defaultPrevented).toBe(true);
    near(seen(), [x!, y! - 10, zoom!]);
    wheel(-4, { shiftKey: true });
    near(seen(), [x! + 4, y! - 10, zoom!]);
    wheel(0, { shiftKey: true }, { deltaX: 3 }); // where the browser turns it
    wheel(5, {}, { deltaX: 2 });
    near(seen(), [x! - 1, y! - 15, zoom!]);
    wheel(-1, {}, { deltaMode: 1 }); // a line
    near(seen(), [x! - 1, y! + 1, zoom!]);
    key("0");
    expect(wheel(10, {}).defaultPrevented).toBe(false);
    key("-");
    expect(wheel(10, {}).defaultPrevented).toBe(false);
  });

  it("map strokes exactly", () => {
    for (let i = 0; i < 10; i++) wheel(-30, { ctrlKey: true });
    const view = new Viewport(() => [64, 64]);
    for (let i = 0; i < 10; i++) view.zoomTo(view.zoom * 2 ** 0.3, [0.25, 0.75]);
    const points = [
      [10.3, 20.7],
      [50.1, 33.3],
    ];
    drag(points);
    const places = points.flatMap(([x, y]) => view.toScene(new DOMRect(0, 0, 64, 64), x!, y!));
    const expected = emptyMask(64, 64);
    drawStroke(
      expected,
      places.map((px) => Math.floor(px * 16)),
      28,
      255,
    );
    expect(masks().map(contentBox)).toEqual([contentBox(expected)]);
    expect(masks()).toEqual([expected]);
  });

  it("by keys and by the field", () => {
    key("+");
    expect(zoom()).toBe("125 %");
    key("-");
    key("-");
    expect(zoom()).toBe("80 %");
    key("0");
    expect([zoom(), find<HTMLButtonElement>("fit").disabled]).toEqual(["100 %", true]);
    const field = find<HTMLInputElement>("zoom");
    field.value = "300";
    field.dispatchEvent(new Event("change"));
    expect([zoom(), field.getAttribute("aria-valuenow")]).toEqual(["300 %", "300"]);
    field.value = "nonsense";
    field.dispatchEvent(new Event("change"));
    expect(zoom()).toBe("300 %");
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
    expect(zoom()).toBe("375 %");
    key("!", { code: "Digit1", shiftKey: true });
    expect(zoom()).toBe("100 %");
    key("+");
    find("fit").click();
    expect(zoom()).toBe("100 %");
  });

  it("by hand: Space, the middle button, and the tool; nothing is painted", () => {
    key("+", {});
    key("+", {});
    const place = () =>
      find("canvas").parentElement!.querySelector<HTMLElement>(".sd-picture")!.style.transform;
    const places = [place()];
    pointer("pointermove", [10, 10], { buttons: 0 });
    key(" ");
    expect(canvas().dataset.hand).toBe("open");
    pointer("pointerdown", [10, 10]);
    expect(canvas().dataset.hand).toBe("holds");
    pointer("pointermove", [14, 12]);
    pointer("pointerup", [14, 12]);
    key(" ", {}, "keyup");
    expect(canvas().dataset.hand).toBeUndefined();
    places.push(place());
    drag(
      [
        [10, 10],
        [14, 12],
      ],
      { button: 1, buttons: 4 },
    );
    places.push(place());
    key("h");
    drag([
      [10, 10],
      [14, 12],
    ]);
    places.push(place());
    key("ArrowLeft");
    places.push(place());
    expect(new Set(places).size).toBe(5);
    expect(model.messages("mask_patch")).toEqual([]);
    key("b");
    drag([
      [10, 10],
      [14, 12],
    ]);
    expect(masks()).toHaveLength(1);
  });

  it("by two fingers, which take back what the first one began to draw", () => {
    pointer("pointerdown", [20, 20], first);
    pointer("pointermove", [22, 20], first);
    pointer("pointerdown", [42, 20], second);
    pointer("pointermove", [62, 20], second);
    expect(zoom()).toBe("200 %");
    pointer("pointerup", [62, 20], second);
    pointer("pointermove", [30, 30], first); // the finger that is left goes on moving the canvas
    pointer("pointerup", [30, 30], first);
    expect(find("undo")).toHaveProperty("disabled", true);
    expect(masks()).toEqual([]);
    drag([[32, 32]], { ...first, timeStamp: 900 });
    expect(masks()).toHaveLength(1); // and one finger draws again
  });

  it("by one finger for whoever has a pen", () => {
    drag([[10, 10]], { pointerType: "pen", pressure: 0.5 });
    key("+");
    drag(
      [
        [10, 10],
        [30, 30],
      ],
      first,
    );
    expect(contentBox(masks()[0]!)![2]).toBeLessThan(28);
  });

  it("the keyboard's tool stays in sight", () => {
    for (let i = 0; i < 8; i++) key("+");
    key("ArrowDown");
    for (let i = 0; i < 8; i++) key("ArrowDown");
    key(" ");
    key(" ", {}, "keyup");
    const [x, y, width, height] = contentBox(masks()[0]!)!;
    expect(y + height).toBeGreaterThan(60);
    expect(x + width / 2).toBe(32);
  });
});
