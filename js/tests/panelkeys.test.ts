// @vitest-environment happy-dom
// Which keys act where: in fields, under a card, on keyboards of other countries.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newRegion, type Region } from "../src/scene";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let close: () => void;

const find = <T extends HTMLElement = HTMLElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const brush = () => Number(el.querySelector(".sd-size-number")!.textContent);
const order = () =>
  [...el.querySelectorAll<HTMLElement>("[data-region]")].map((row) => row.dataset.region).join("");
const prompts = () =>
  model
    .writes<Region[]>("regions")
    .at(-1)
    ?.map(({ prompt }) => prompt);

function press(target: Element, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

/** As a person types it; what we set ourselves tells of no such event. */
function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.focus();
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
}

beforeEach(() => {
  const regions = ["a", "b", "c"].map((id) => newRegion({ id, prompt: `${id}-prompt` }));
  ({ model, el, close } = openCanvas({ regions, masks: { c: asTrait(maskOf([3, 3])) } }));
  press(find("canvas"), "1"); // the uppermost, c
});
afterEach(() => close());

describe("the order of regions", () => {
  it.each(["canvas", "brush", "size", "view", "settings"])("changes with Alt and an arrow from %s", (id) => {
    expect(order()).toBe("cba");
    expect(press(find(id), "ArrowDown", { altKey: true }).defaultPrevented).toBe(true);
    expect(order()).toBe("bca");
    press(find(id), "ArrowUp", { altKey: true });
    expect(order()).toBe("cba");
  });

  it("changes with a shape tool in hand, too, which stays where it is", () => {
    for (const tool of ["r", "l", "v", "b"]) {
      press(find("canvas"), tool);
      press(find("canvas"), "ArrowDown", { altKey: true });
      expect(order()).toBe("bca");
      press(find("canvas"), "ArrowUp", { altKey: true });
    }
  });

  it("but not from a list of choices, which opens with those keys", () => {
    press(find("canvas"), "s");
    expect(press(find("mode"), "ArrowDown", { altKey: true }).defaultPrevented).toBe(false);
    expect(order()).toBe("cba");
  });
});

describe("keys in fields", () => {
  it("a list of choices keeps letters and arrows, and leaves undo to the canvas", () => {
    press(find("canvas"), "s");
    const mode = find<HTMLSelectElement>("mode");
    mode.value = "exact";
    mode.dispatchEvent(new Event("change", { bubbles: true }));
    for (const key of ["n", "1", "ArrowDown", "Enter"]) expect(press(mode, key).defaultPrevented).toBe(false);
    press(mode, "z", { ctrlKey: true });
    expect(model.writes("mode").at(-1)).toBe("auto");
    press(mode, "z", { ctrlKey: true, shiftKey: true });
    expect(model.writes("mode").at(-1)).toBe("exact");
    press(mode, "?");
    expect(el.querySelector<HTMLElement>(".sd-help")!.hidden).toBe(false);
  });

  it("a box that is ticked leaves all keys to the canvas but Space", () => {
    press(find("canvas"), "d");
    const locked = find<HTMLInputElement>("locked");
    locked.click();
    expect(press(locked, " ").defaultPrevented).toBe(false);
    press(locked, "e");
    expect(find("eraser").getAttribute("aria-pressed")).toBe("true");
    press(locked, "z", { ctrlKey: true });
    expect(locked.checked).toBe(false);
  });

  it("a slider leaves letters and undo to the canvas", () => {
    press(find("canvas"), "d");
    const strength = find<HTMLInputElement>("strength");
    strength.value = "50";
    strength.dispatchEvent(new Event("input", { bubbles: true }));
    press(strength, "z", { ctrlKey: true });
    expect(strength.value).toBe("100");
    press(strength, "n");
    expect(el.querySelectorAll("[data-region]")).toHaveLength(4);
  });

  it("undo goes to the canvas from a prompt in which nobody has typed", () => {
    find("add-region").click();
    const field = document.activeElement as HTMLTextAreaElement;
    expect([field.matches(".sd-prompt"), field.value]).toEqual([true, ""]);
    press(field, "z", { ctrlKey: true });
    expect(order()).toBe("cba");
    press(document.activeElement!, "z", { ctrlKey: true, shiftKey: true });
    expect(el.querySelectorAll("[data-region]")).toHaveLength(4);
  });

  it("undo stays in a prompt in which somebody types, until the focus leaves it", () => {
    const field = find<HTMLTextAreaElement>("prompt");
    type(field, "castle");
    expect(press(field, "z", { ctrlKey: true }).defaultPrevented).toBe(false);
    press(field, "Enter"); // and back to the canvas
    field.focus();
    expect(press(field, "z", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(prompts()).toEqual(["a-prompt", "b-prompt", "c-prompt"]);
  });

  it("what the browser cannot take back of a prompt, the canvas does; of other fields it leaves it", async () => {
    const later = () => new Promise((resolve) => setTimeout(resolve, 5));
    const field = find<HTMLTextAreaElement>("prompt");
    type(field, "castle");
    press(field, "z", { ctrlKey: true });
    field.value = "castl"; // as a browser does
    await later();
    expect(field.value).toBe("castl");
    field.value = "castle";
    press(field, "z", { ctrlKey: true });
    await later();
    expect(field.value).toBe("c-prompt");
    press(field, "Z", { ctrlKey: true, shiftKey: true });
    await later();
    expect(field.value).toBe("castle");
    type(find<HTMLInputElement>("palette-search"), "ho");
    press(find("palette-search"), "z", { ctrlKey: true });
    await later();
    expect(field.value).toBe("castle");
  });

  it("an offered word that was taken is taken back by the canvas", () => {
    const field = find<HTMLTextAreaElement>("prompt");
    type(field, "hou");
    field.value = "house";
    field.dispatchEvent(new Event("input", { bubbles: true })); // as the list of words tells it
    expect(press(field, "z", { ctrlKey: true }).defaultPrevented).toBe(true);
  });
});

describe("the size of the brush", () => {
  it("changes where brackets need Option or AltGr", () => {
    const before = brush();
    press(find("canvas"), "]", { altKey: true }); // Option+6 on a German Mac
    expect(brush()).toBeGreaterThan(before);
    const altGr = { ctrlKey: true, altKey: true, modifierAltGraph: true }; // as Windows tells it
    const event = new KeyboardEvent("keydown", { key: "[", bubbles: true, cancelable: true, ...altGr });
    event.getModifierState = (name) => name === "AltGraph"; // which happy-dom does not know
    find("canvas").dispatchEvent(event);
    expect(brush()).toBe(before);
    press(find("canvas"), "]", { ctrlKey: true }); // a browser's own
    expect(brush()).toBe(before);
  });

  it("changes with keys that every keyboard has within reach", () => {
    const before = brush();
    press(find("canvas"), ";");
    expect(brush()).toBeGreaterThan(before);
    press(find("canvas"), ",");
    expect(brush()).toBe(before);
  });
});

describe("under the list of keys", () => {
  const card = () => el.querySelector<HTMLElement>(".sd-help")!;

  it("nothing acts but its own keys, wherever the focus is", () => {
    press(find("canvas"), "?");
    const sent = model.sent.length + model.saved.length;
    for (const target of [card().querySelector("button")!, find("canvas"), find("prompt"), find("brush")])
      for (const [key, more] of [
        ["Delete", {}],
        ["e", {}],
        ["n", {}],
        ["z", { ctrlKey: true }],
        ["Enter", { ctrlKey: true }],
        ["ArrowDown", { altKey: true }],
        ["F2", {}],
      ] as const)
        press(target, key, more);
    expect(model.sent.length + model.saved.length).toBe(sent);
    expect([order(), find("eraser").getAttribute("aria-pressed"), card().hidden]).toEqual([
      "cba",
      "false",
      false,
    ]);
    expect(card().contains(document.activeElement)).toBe(true);
    expect(press(card(), "Tab").defaultPrevented).toBe(true);
    for (const key of ["ArrowDown", "PageDown", " ", "Enter"]) // scroll, or press its button
      expect(press(card().querySelector("button")!, key).defaultPrevented).toBe(false);
    press(find("canvas"), "Escape");
    expect(card().hidden).toBe(true);
    press(find("canvas"), "e");
    expect(find("eraser").getAttribute("aria-pressed")).toBe("true");
  });

  it("a press beside it closes it", () => {
    press(find("canvas"), "?");
    card().dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(card().hidden).toBe(false);
    find("brush").dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(card().hidden).toBe(true);
  });
});

describe("the name of a region", () => {
  const named = () => find("region-row").querySelector<HTMLElement>('[data-testid="sd-row-name"]')!;
  const field = () => find<HTMLInputElement>("rename");

  it("shows where it says something else than the prompt", () => {
    expect(named().hidden).toBe(true);
    const rename = (name: string) => {
      const regions = ["a", "b", "c"].map((id) =>
        newRegion({ id, prompt: `${id}-prompt`, name: id === "c" ? name : "" }),
      );
      model.python({ regions });
    };
    rename("sky line");
    expect([named().hidden, named().textContent]).toEqual([false, "sky line"]);
    rename("c-prompt");
    expect(named().hidden).toBe(true);
  });

  it("F2 edits it in place, as one step of undo, and gives the focus back", () => {
    find("canvas").focus();
    press(find("canvas"), "F2");
    expect([field().hidden, document.activeElement]).toEqual([false, field()]);
    type(field(), " tower ");
    press(field(), "Enter");
    expect(
      model
        .writes<Region[]>("regions")
        .at(-1)
        ?.map(({ name }) => name),
    ).toEqual(["", "", "tower"]);
    expect([named().textContent, field().hidden, document.activeElement]).toEqual([
      "tower",
      true,
      find("canvas"),
    ]);
    press(find("canvas"), "z", { ctrlKey: true });
    expect(named().hidden).toBe(true);
  });

  it("Escape leaves it; its menu edits it, too", () => {
    find("more").click();
    press(document.activeElement!, "F2");
    expect(document.activeElement).toBe(field());
    type(field(), "tower");
    press(field(), "Escape");
    expect([field().hidden, named().hidden, document.activeElement]).toEqual([true, true, find("more")]);
    find("more").click();
    find("menu-rename").click();
    type(field(), "wall");
    field().dispatchEvent(new Event("blur"));
    expect(named().textContent).toBe("wall");
  });

  it("F2 works in a prompt, and says why it cannot where there is no region", () => {
    press(find("prompt"), "F2");
    expect(document.activeElement).toBe(field());
    press(field(), "Escape");
    model.python({ regions: [] });
    press(find("canvas"), "F2");
    expect(find("banner").textContent).toContain("Choose a region first.");
  });
});
