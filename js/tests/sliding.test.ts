// @vitest-environment happy-dom
// A drag of a slider is one step of undo.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newRegion } from "../src/scene";
import { openCanvas } from "./model";

let el: HTMLElement;
let close: () => void;

const find = (id: string) => el.querySelector<HTMLInputElement>(`[data-testid="sd-${id}"]`)!;

beforeEach(() => {
  vi.useFakeTimers();
  ({ el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house", color: "#e69f00" })] }));
  find("details").click();
});
afterEach(() => {
  close();
  vi.useRealTimers();
});

function move(field: HTMLInputElement, ...values: string[]): void {
  for (const value of values) {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    vi.advanceTimersByTime(4000); // longer than edits in a row are taken for one
  }
}

function drag(field: HTMLInputElement, ...values: string[]): void {
  field.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  move(field, ...values.slice(0, -1));
  field.dispatchEvent(new Event("pointerup", { bubbles: true }));
  field.value = values.at(-1)!;
  field.dispatchEvent(new Event("input", { bubbles: true })); // the last value, as some browsers tell it
  vi.advanceTimersByTime(10);
}

it.each([
  ["strength", "100"],
  ["feather", "-1"],
])("one drag of %s is one step, however long; two in a row are two", (id, first) => {
  drag(find(id), "40", "35", "30");
  drag(find(id), "25", "20");
  find("undo").click();
  expect(find(id).value).toBe("30");
  find("undo").click();
  expect([find(id).value, find("undo").disabled]).toEqual([first, true]);
});

it("a visit to the palette of colors is one step", () => {
  const color = el.querySelector<HTMLInputElement>(".sd-dot-input")!;
  move(color, "#111111", "#222222", "#333333");
  color.dispatchEvent(new Event("change", { bubbles: true }));
  move(color, "#444444", "#555555");
  color.dispatchEvent(new Event("change", { bubbles: true }));
  find("undo").click();
  expect(color.value).toBe("#333333");
  find("undo").click();
  expect(color.value).toBe("#e69f00");
});

it("a drag that the browser ends is over", () => {
  find("strength").dispatchEvent(new Event("pointerdown", { bubbles: true }));
  move(find("strength"), "60");
  find("strength").dispatchEvent(new Event("pointercancel", { bubbles: true }));
  vi.advanceTimersByTime(10);
  move(find("strength"), "40");
  find("undo").click();
  expect(find("strength").value).toBe("60");
});
