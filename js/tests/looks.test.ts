// @vitest-environment happy-dom
// Cards that unfold from the status line: the opacity of the masks, and the statistics.
import { afterEach, beforeEach, expect, it } from "vitest";
import { newRegion } from "../src/scene";
import { type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

const find = <T extends HTMLElement = HTMLInputElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const flush = () => find("regenerate").click(); // what goes on waits, and goes out with the next request

function press(target: Element, key: string, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

function slide(id: string, value: string): void {
  find(id).value = value;
  find(id).dispatchEvent(new Event("input", { bubbles: true }));
}

beforeEach(() => {
  ({ model, el, close } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })], opacity: 0.2 }));
});
afterEach(() => close());

it("the opacity of the masks is Python's, too, and no step of undo", () => {
  expect(find("opacity").value).toBe("20");
  slide("opacity", "60");
  flush();
  expect([model.writes("opacity").at(-1), find<HTMLButtonElement>("undo").disabled]).toEqual([0.6, true]);
  model.python({ opacity: 0.75 });
  expect(find("opacity").value).toBe("75");
});

it("the opacity has a key and a place in the menu of views, where the toolbar has no room for it", () => {
  find("canvas").focus();
  press(find("canvas"), "X", { shiftKey: true });
  expect(document.activeElement).toBe(find("view-opacity"));
  slide("view-opacity", "40");
  flush();
  expect([model.writes("opacity").at(-1), find("opacity").value]).toEqual([0.4, "40"]);
  expect(find("opacity-card").textContent).toContain("40 %");
  press(find("view-opacity"), "Escape");
  expect([find("opacity-card"), document.activeElement]).toEqual([null, find("canvas")]);
  find("view").click();
  find("menu-opacity").click();
  expect(document.activeElement).toBe(find("view-opacity"));
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  expect(find("opacity-card")).toBeNull();
  press(find("canvas"), "X"); // caps lock
  expect(find("masks").getAttribute("aria-pressed")).toBe("true");
});

it("the statistics unfold from a button, follow the kernel and fold again", () => {
  const button = find<HTMLButtonElement>("statistics-toggle");
  const line = (what: string) => {
    const terms = [...find("statistics").querySelectorAll("dt")];
    return terms.find((term) => term.textContent === what)?.nextElementSibling?.textContent;
  };
  expect([button.getAttribute("aria-expanded"), find("statistics")]).toEqual(["false", null]);
  button.click();
  expect(button.getAttribute("aria-expanded")).toBe("true");
  expect(button.getAttribute("aria-controls")).toBe(find("statistics").id);
  expect(["Model", "Device", "Mode", "While drawing"].map(line)).toEqual([
    "crayon",
    "cpu",
    "Automatic",
    "Automatic",
  ]);
  expect([line("Edit to first preview"), line("Memory")]).toEqual([undefined, undefined]);
  const stats = { fps: 3.26, first_preview_ms: 120, settled_ms: 640, step_ms: 130, samples: 4.5, dropped: 2 };
  model.python({ stats: { ...stats, mode: "increment", scheduling: "newest", memory_mib: 812.4 } });
  expect(["Frames a second", "Edit to first preview", "Edit to finished picture"].map(line)).toEqual([
    "3.3",
    "120 ms",
    "640 ms",
  ]);
  expect(["Mode", "Frames dropped", "Memory"].map(line)).toEqual(["Automatic: Increment", "2", "812 MiB"]);
  expect(line("While drawing")).toBe("Automatic: Newest");
  model.python({ mode: "increment", scheduling: "stream" });
  expect([line("Mode"), line("While drawing")]).toEqual(["Increment", "Stream: Newest"]);
  press(button, "Escape");
  expect([button.getAttribute("aria-expanded"), find("statistics")]).toEqual(["false", null]);
});
