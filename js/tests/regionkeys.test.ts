// @vitest-environment happy-dom
// Eye, lock and color of a region, and the way through its row, without a pointer.
import { afterEach, beforeEach, expect, it } from "vitest";
import { COLORS, colorAfter } from "../src/palette";
import { newRegion, type Region } from "../src/scene";
import { type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

const find = (id: string) => el.querySelector<HTMLElement>(`[data-testid="sd-${id}"]`)!;
const row = (id: string) => el.querySelector<HTMLElement>(`[data-region="${id}"]`)!;
const button = (id: string, name: string) => row(id).querySelector<HTMLElement>(name)!;
const said = () => find("said").textContent;
const region = (id: string) =>
  model
    .writes<Region[]>("regions")
    .at(-1)!
    .find((one) => one.id === id)!;

function press(
  key: string,
  more: KeyboardEventInit = {},
  target: Element = document.activeElement!,
): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}
/** As browsers say Shift and a letter. */
const shift = (key: string) => press(key.toUpperCase(), { shiftKey: true });
const flush = () => find("regenerate").click(); // what goes on waits, and goes out with the next request

beforeEach(() => {
  const names = ["sea", "boat", "sun"];
  const regions = names.map((prompt, i) => newRegion({ id: prompt, prompt, color: COLORS[i]! }));
  ({ model, el, close: end } = openCanvas({ regions }));
  document.body.append(el);
  find("canvas").focus();
  press("2"); // the boat
});
afterEach(() => {
  end();
  el.remove();
});

it("Shift+H hides the chosen region and shows it, and says so", () => {
  shift("h");
  expect([region("boat").visible, said()]).toEqual([false, '"boat" is hidden.']);
  expect(button("boat", ".sd-eye").getAttribute("aria-pressed")).toBe("true");
  shift("h");
  expect([region("boat").visible, said()]).toEqual([true, '"boat" is visible.']);
});

it("Shift+L locks it and unlocks it", () => {
  shift("l");
  expect([region("boat").locked, said()]).toEqual([true, '"boat" is locked: its pixels stay.']);
  shift("l");
  expect([region("boat").locked, said()]).toEqual([false, '"boat" is unlocked.']);
});

it("Shift+C gives it the next color that no other region has; a series is one step of undo", () => {
  shift("c");
  expect(said()).toBe('"boat" is yellow now.'); // the sun has the green after its sky blue
  shift("c");
  flush();
  expect(region("boat").color).toBe(COLORS[4]);
  press("z", { ctrlKey: true });
  expect(region("boat").color).toBe(COLORS[1]);
});

it("the letters alone stay what they are, with caps lock too", () => {
  press("C"); // caps lock is on
  expect(model.writes<Region[]>("regions").at(-1)).toHaveLength(4);
  press("H");
  expect(find("canvas").dataset.tool).toBe("hand");
  press("L");
  expect(find("canvas").dataset.tool).toBe("lasso");
});

it("Tab stops at the buttons of the chosen row alone, and at every grip and prompt", () => {
  const stops = (id: string) =>
    [...row(id).querySelectorAll<HTMLElement>(".sd-row-main :is(button, input, textarea)")]
      .filter((one) => one.tabIndex === 0 && !one.hidden)
      .map((one) => one.className.replace(/sd-(button|row-button) /g, ""));
  expect(stops("boat")).toEqual(["sd-grip", "sd-dot-input", "sd-prompt", "sd-eye", "sd-row-button"]);
  expect(stops("sea")).toEqual(["sd-grip", "sd-prompt"]);
  button("sea", ".sd-prompt").focus();
  expect([stops("boat"), stops("sea").length]).toEqual([["sd-grip", "sd-prompt"], 5]);
});

it("arrows lead from button to button, and from row to row, which chooses it", () => {
  button("boat", ".sd-eye").focus();
  expect(press("ArrowDown")).toBe(true);
  expect(document.activeElement).toBe(button("sea", ".sd-eye"));
  expect(row("sea").getAttribute("aria-current")).toBe("true");
  press("ArrowRight");
  expect(document.activeElement).toBe(button("sea", '[data-testid="sd-more"]'));
  for (const _ of "123") press("ArrowLeft");
  expect(document.activeElement).toBe(button("sea", ".sd-grip"));
  press("ArrowUp");
  press("ArrowUp");
  expect(document.activeElement).toBe(button("sun", ".sd-grip"));
  press("ArrowUp"); // there is no further one
  expect(document.activeElement).toBe(button("sun", ".sd-grip"));
});

it("in a prompt arrows move the caret", () => {
  const field = button("boat", ".sd-prompt");
  field.focus();
  expect([press("ArrowDown"), press("ArrowLeft")]).toEqual([false, false]);
  expect(document.activeElement).toBe(field);
});

it("where all colors are taken the next one comes all the same", () => {
  expect(colorAfter(COLORS[0]!, COLORS)).toBe(COLORS[1]);
  expect(colorAfter(COLORS.at(-1)!, [])).toBe(COLORS[0]);
  expect(colorAfter("#123456", [COLORS[0]!])).toBe(COLORS[1]);
});
