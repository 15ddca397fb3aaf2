// @vitest-environment happy-dom
// Dragging a row by its grip.
import { afterEach, beforeEach, expect, it } from "vitest";
import { scrollStep } from "../src/reorder";
import { newRegion } from "../src/scene";
import { openCanvas } from "./model";

let el: HTMLElement;
let close: () => void;

const rows = () => [...el.querySelectorAll<HTMLElement>("[data-region]")];
const order = () =>
  rows()
    .map((row) => row.dataset.region)
    .join("");

function point(type: string, target: Element, clientY: number): void {
  const event = new Event(type, { bubbles: true, cancelable: true });
  target.dispatchEvent(Object.assign(event, { button: 0, pointerId: 1, clientY }));
}

beforeEach(() => {
  ({ el, close } = openCanvas({ regions: ["a", "b", "c"].map((id) => newRegion({ id, prompt: id })) }));
  el.querySelector<HTMLElement>(".sd-rows")!.setPointerCapture = () => {};
  // happy-dom lays nothing out: rows of 40 px, one under the other.
  for (const row of rows())
    row.getBoundingClientRect = () => new DOMRect(0, 40 * rows().indexOf(row), 200, 40);
});
afterEach(() => close());

function begin(): HTMLElement {
  const grip = rows()[0]!.querySelector(".sd-grip")!;
  point("pointerdown", grip, 20);
  const list = el.querySelector<HTMLElement>(".sd-rows")!;
  point("pointermove", list, 110);
  expect(rows()[2]!.dataset.drop).toBe("after");
  return list;
}

it("drops the row where the pointer is", () => {
  point("pointerup", begin(), 110);
  expect(order()).toBe("bac");
});

it("leaves it where it was on Escape, wherever the focus is, and no other key hears that", () => {
  const list = begin();
  let heard = false;
  document.body.addEventListener("keydown", () => (heard = true), { once: true });
  document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }),
  );
  expect([order(), heard, el.querySelector("[data-dragged], [data-drop]")]).toEqual(["cba", false, null]);
  point("pointerup", list, 110);
  expect(order()).toBe("cba");
});

it("scrolls the faster the nearer the pointer is to an edge", () => {
  const frame = { top: 100, bottom: 400 };
  expect([250, 132, 368].map((y) => scrollStep(y, frame))).toEqual([0, 0, 0]);
  expect(scrollStep(120, frame)).toBeLessThan(0);
  expect(scrollStep(101, frame)).toBeLessThan(scrollStep(120, frame));
  expect(scrollStep(40, frame)).toBe(scrollStep(100, frame));
  expect(scrollStep(380, frame)).toBeGreaterThan(0);
  expect(scrollStep(500, frame)).toBe(-scrollStep(0, frame));
});
