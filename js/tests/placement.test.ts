// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Endings } from "../src/dom";
import { Placement } from "../src/placement";

let left = 0;
let asked = 0;
let frames: Map<number, () => void>;
let endings: Endings;
let placement: Placement;

beforeEach(() => {
  [left, asked, frames, endings] = [10, 0, new Map(), new Endings()];
  let id = 0;
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => {
    frames.set(++id, run);
    return id;
  });
  vi.stubGlobal("cancelAnimationFrame", (id: number) => frames.delete(id));
  const element = document.createElement("div");
  element.getBoundingClientRect = () => {
    asked++;
    return new DOMRect(left, 0, 64, 64);
  };
  placement = new Placement(element, endings);
});
afterEach(() => {
  endings.run();
  vi.unstubAllGlobals();
});

function frame(): void {
  const due = [...frames.values()];
  frames.clear();
  for (const run of due) run();
}

it("asks the browser once a frame, and not before somebody wants to know", () => {
  expect(asked).toBe(0);
  for (let i = 0; i < 9; i++) expect(placement.rect.left).toBe(10);
  expect(placement.width).toBe(0);
  expect(asked).toBe(1);
  left = 30;
  frame();
  expect(placement.rect.left).toBe(30);
  expect(asked).toBe(2);
});

it("asks again when something scrolls, the window has another size, or it is told so", () => {
  const moves = [
    () => document.dispatchEvent(new Event("scroll")),
    () => window.dispatchEvent(new Event("resize")),
    () => placement.forget(),
  ];
  for (const move of moves) {
    void placement.rect;
    left++;
    move();
    expect(placement.rect.left).toBe(left);
  }
  expect(frames.size).toBe(1);
});

it("leaves nothing behind", () => {
  void placement.rect;
  endings.run();
  expect(frames.size).toBe(0);
});
