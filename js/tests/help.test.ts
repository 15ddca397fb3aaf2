// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { newRegion } from "../src/scene";
import { asTrait, maskOf, openCanvas } from "./model";

let el: HTMLElement;
let close: () => void;

beforeEach(() => {
  const region = newRegion({ prompt: "house" });
  const masks = { [region.id]: asTrait(maskOf([3, 3])) };
  const vocabulary = { backgrounds: ["sky"], objects: ["house"], colors: [], styles: [] };
  const opened = openCanvas({ regions: [region], masks, vocabulary });
  el = opened.el;
  close = () => {
    opened.end();
    opened.dispose();
  };
});
afterEach(() => close());

const find = (id: string) => el.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;
const NAMES: Record<string, string> = {
  Del: "Delete",
  Esc: "Escape",
  Ctrl: "Control",
  "⌘": "Meta",
  "↑": "ArrowUp",
  "↓": "ArrowDown",
};

/** Each key of the cheat sheet, with what is held down before it. */
function listed(): Set<string> {
  const keys = new Set<string>();
  for (const entry of el.querySelectorAll(".sd-keys dt")) {
    const caps = [...entry.querySelectorAll("kbd")].map(
      ({ textContent }) => NAMES[textContent!] ?? textContent!,
    );
    const held = caps.filter((cap) => ["Shift", "Alt", "Control", "Meta"].includes(cap));
    for (const cap of caps.filter((cap) => !held.includes(cap))) keys.add([...held, cap].sort().join("+"));
  }
  return keys;
}

it("lists every key that a button or a menu names", () => {
  find("sd-more").click();
  const named = new Set<string>();
  for (const element of el.querySelectorAll("[aria-keyshortcuts]")) {
    for (const keys of element.getAttribute("aria-keyshortcuts")!.split(" "))
      named.add(keys.split("+").sort().join("+"));
  }
  expect(named.size).toBeGreaterThan(20);
  named.delete("Delete+Shift"); // told with Del
  expect([...named].filter((keys) => !listed().has(keys))).toEqual([]);
});

it("is a dialog that a key opens and Escape closes, the focus going back to the canvas", () => {
  document.body.append(el);
  const card = el.querySelector<HTMLElement>(".sd-help")!;
  const press = (on: Element, key: string) =>
    on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press(find("sd-canvas"), "?");
  expect(card.hidden).toBe(false);
  expect(card.contains(document.activeElement)).toBe(true);
  press(document.activeElement!, "Escape");
  expect(card.hidden).toBe(true);
  expect(document.activeElement).toBe(find("sd-canvas"));
});
