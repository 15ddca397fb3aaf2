// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newRegion, type Region } from "../src/scene";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

const VOCABULARY = {
  backgrounds: ["sky", "sea", "night sky"],
  objects: ["house", "tree", "pine tree"],
  colors: ["red", "blue"],
  styles: ["watercolor"],
};
const PICTURE = new DataView(new Uint8Array([137, 80, 78, 71]).buffer);

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

function open(values: Record<string, unknown> = {}): void {
  ({ model, el, close: end } = openCanvas({ vocabulary: VOCABULARY, ...values }));
}

const find = <T extends HTMLElement = HTMLInputElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const concepts = () =>
  [...el.querySelectorAll<HTMLElement>('[data-testid="sd-concept"]')].filter(
    (one) => !one.closest("[hidden]"),
  );
const concept = (word: string) => concepts().find((one) => one.dataset.word === word)!;
const offers = () => [...el.querySelectorAll<HTMLElement>('[role="option"]')];
const prompts = () =>
  [...el.querySelectorAll<HTMLTextAreaElement>('[data-testid="sd-prompt"]')].map((field) => field.value);
const background = () => find("background-prompt").value;

function type(field: HTMLInputElement, text: string): void {
  field.focus();
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Whether the field's own meaning of the key was left alone. */
function press(target: HTMLElement, key: string): boolean {
  return target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

beforeEach(() => open());
afterEach(() => end());

describe("completion in a prompt", () => {
  beforeEach(() => model.python({ regions: [newRegion({ id: "a" })] }));

  it("is a combobox with a listbox", () => {
    const field = find("prompt");
    type(field, "tr");
    expect(field.getAttribute("role")).toBe("combobox");
    expect(field.getAttribute("aria-expanded")).toBe("true");
    const list = el.querySelector(`#${field.getAttribute("aria-controls")}`)!;
    expect(list.getAttribute("role")).toBe("listbox");
    expect(offers().map((one) => one.textContent)).toEqual(["tree", "pine tree"]);
    expect(field.hasAttribute("aria-activedescendant")).toBe(false);
    press(field, "ArrowDown");
    press(field, "ArrowDown");
    expect(field.getAttribute("aria-activedescendant")).toBe(offers()[1]!.id);
    expect(offers().map((one) => one.getAttribute("aria-selected"))).toEqual(["false", "true"]);
  });

  it.each(["Enter", "Tab"])("%s takes the chosen word, and closes", (key) => {
    const field = find("prompt");
    type(field, "a tr");
    press(field, "ArrowUp");
    expect(press(field, key)).toBe(false);
    expect([field.value, offers().length]).toEqual(["a pine tree", 0]);
    expect(field.getAttribute("aria-expanded")).toBe("false");
    find("regenerate").click();
    expect(model.writes<Region[]>("regions").at(-1)![0]!.prompt).toBe("a pine tree");
  });

  it("Enter and Tab keep their meaning while none is chosen", () => {
    const field = find("prompt");
    type(field, "tr");
    expect(press(field, "Tab")).toBe(true);
    expect([field.value, offers().length]).toEqual(["tr", 0]);
    type(field, "tr");
    press(field, "Enter");
    expect([field.value, offers().length, document.activeElement]).toEqual(["tr", 0, find("canvas")]);
  });

  it("Escape closes the list and nothing else", () => {
    const field = find("prompt");
    type(field, "tr");
    press(field, "Escape");
    expect([offers().length, document.activeElement]).toEqual([0, field]);
    press(field, "Escape");
    expect(document.activeElement).toBe(find("canvas"));
  });

  it("the pointer takes a word, and the field keeps the focus", () => {
    const field = find("prompt");
    type(field, "ho");
    const down = new PointerEvent("pointerdown", { bubbles: true, cancelable: true });
    offers()[0]!.dispatchEvent(down);
    expect(down.defaultPrevented).toBe(true);
    offers()[0]!.click();
    expect([field.value, document.activeElement]).toEqual(["house", field]);
  });

  it("goes with the field of a region that Python removes", () => {
    type(find("prompt"), "tr");
    model.python({ regions: [] });
    expect(offers()).toHaveLength(0);
  });

  it("a taken color opens the objects", () => {
    const field = find("prompt");
    type(field, "re");
    press(field, "ArrowDown");
    press(field, "Enter");
    expect(field.value).toBe("red ");
    expect(offers().map((one) => one.textContent)).toEqual(VOCABULARY.objects);
  });

  it("is there for the background, the negative prompt and the invitation too", () => {
    type(find("background-prompt"), "s");
    expect(offers().map((one) => one.textContent)).toEqual(["sky", "sea", "night sky"]);
    find("details").click();
    type(find("negative-prompt"), "ho");
    expect(offers().map((one) => one.textContent)).toEqual(["house"]);
    model.python({ regions: [] });
    type(find("invite"), "ho");
    press(find("invite"), "ArrowDown");
    press(find("invite"), "Enter");
    expect(find("invite").value).toBe("house");
  });

  it("is not there where the model has no vocabulary", () => {
    model.python({ vocabulary: {} });
    type(find("prompt"), "tr");
    press(find("prompt"), "ArrowDown");
    expect([offers().length, find("prompt").hasAttribute("role")]).toEqual([0, false]);
  });

  it("nothing is said of an unknown word while words are offered for it", () => {
    type(find("prompt"), "tr");
    const told = { code: "unknown_words", message: "no tr", words: ["tr"], near: [] };
    model.python({ notices: { a: [told] } });
    const remark = () => el.querySelector(".sd-row .sd-remark");
    expect(remark()).toBeNull();
    press(find("prompt"), "Escape");
    expect(remark()?.textContent).toContain("No tr.");
  });

  it("a word that is nearly known is suggested once", () => {
    const message = 'crayon does not know "tre"; the rest of the prompt counts. Did you mean "tree"?';
    model.python({
      regions: [newRegion({ id: "a", prompt: "tre" })],
      notices: { a: [{ code: "unknown_words", message, words: ["tre"], near: ["tree"] }] },
    });
    expect(el.querySelector(".sd-remark")?.textContent).toBe(message.replace("crayon", "Crayon"));
  });
});

describe("the palette", () => {
  it("has the words in two groups, in the vocabulary's order", () => {
    expect(concepts().map((one) => one.dataset.word)).toEqual([
      ...VOCABULARY.objects,
      ...VOCABULARY.backgrounds,
    ]);
    const groups = [...el.querySelectorAll(".sd-palette-title")].map((title) => title.textContent);
    expect(groups).toEqual(["Objects", "Backgroundsfills the canvas", "Brushes"]);
  });

  it("a picked object is a region to paint; picked again it is that region", () => {
    concept("house").click();
    concept("tree").click();
    expect(prompts()).toEqual(["tree", "house"]);
    expect(document.activeElement).toBe(find("canvas"));
    concept("house").click();
    expect(prompts()).toEqual(["tree", "house"]);
    expect(el.querySelector("[data-active]")?.querySelector("textarea")?.value).toBe("house");
    expect(concept("house").getAttribute("aria-current")).toBe("true");
  });

  it("the first picked background fills the canvas, the next is a region", () => {
    concept("sky").click();
    expect([background(), prompts()]).toEqual(["sky", []]);
    concept("sea").click();
    expect([background(), prompts()]).toEqual(["sky", ["sea"]]);
  });

  it("names a region that was painted first", () => {
    model.python({ regions: [newRegion({ id: "a" })] });
    concept("sea").click();
    expect([background(), prompts()]).toEqual(["", ["sea"]]);
  });

  it("a color is that of the region in hand, and before that of the next object", () => {
    const [red, blue] = el.querySelectorAll<HTMLElement>('[data-testid="sd-color"]');
    red!.click();
    expect(red!.getAttribute("aria-pressed")).toBe("true");
    concept("house").click();
    expect(prompts()).toEqual(["red house"]);
    blue!.click();
    expect([prompts(), blue!.getAttribute("aria-pressed")]).toEqual([["blue house"], "true"]);
    blue!.click();
    expect(prompts()).toEqual(["house"]);
    concept("tree").click();
    expect(prompts()).toEqual(["tree", "house"]);
  });

  it("a style ends every prompt, in one step of undo, and those to come", () => {
    concept("sky").click();
    concept("house").click();
    find("style").value = "watercolor";
    find("style").dispatchEvent(new Event("change"));
    expect([background(), prompts()]).toEqual(["sky, watercolor", ["house, watercolor"]]);
    concept("tree").click();
    expect(prompts()).toEqual(["tree, watercolor", "house, watercolor"]);
    find("undo").click();
    find("undo").click();
    expect([background(), prompts(), find("style").value]).toEqual(["sky", ["house"], ""]);
  });

  it("is searched, and Enter picks the first that is found", () => {
    type(find("palette-search"), "TREE");
    expect(concepts().map((one) => one.dataset.word)).toEqual(["tree", "pine tree"]);
    press(find("palette-search"), "Enter");
    expect([prompts(), concepts().length]).toEqual([["tree"], 6]);
    type(find("palette-search"), "zebra");
    expect(el.querySelector(".sd-palette-nothing")?.textContent).toBe('The model lists no "zebra".');
    press(find("palette-search"), "Escape");
    expect(concepts()).toHaveLength(6);
  });

  it("is one stop for Tab; arrows move in it", () => {
    expect(concepts().filter((one) => one.tabIndex === 0)).toEqual([concept("house")]);
    concept("house").focus();
    press(concept("house"), "ArrowRight");
    expect(document.activeElement).toBe(concept("tree"));
    press(concept("tree"), "End");
    expect(document.activeElement).toBe(concept("night sky"));
    expect(concepts().filter((one) => one.tabIndex === 0)).toEqual([concept("night sky")]);
    type(find("palette-search"), "tree");
    expect(concepts().filter((one) => one.tabIndex === 0)).toEqual([concept("tree")]);
  });

  it("shows pictures where the model has them, by one URL", () => {
    const make = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:tiles");
    const revoke = vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
    expect(el.querySelector(".sd-tile")).toBeNull();
    model.python({ palette: PICTURE });
    expect(make).toHaveBeenCalledTimes(1);
    const places = concepts().map(
      (one) => one.querySelector<HTMLElement>(".sd-tile")!.style.backgroundPosition,
    );
    // The tiles are the backgrounds and then the objects, twelve to a row.
    const shares = [3, 4, 5, 0, 1, 2].map((tile) => `${(100 * tile) / 11}% 0%`);
    expect(places).toEqual(shares);
    model.python({ palette: new DataView(new ArrayBuffer(0)) });
    expect(el.querySelector(".sd-tile")).toBeNull();
    expect(revoke).toHaveBeenCalledWith("blob:tiles");
    vi.restoreAllMocks();
  });

  it("folds and unfolds by button and key, under the settings", () => {
    const shown = () => !find("palette").hidden;
    const toggle = find<HTMLButtonElement>("palette-toggle");
    expect([shown(), toggle.getAttribute("aria-expanded")]).toEqual([true, "true"]);
    expect(toggle.getAttribute("aria-controls")).toBe(find("palette").id);
    press(find("canvas"), "p");
    expect([shown(), toggle.getAttribute("aria-expanded")]).toEqual([false, "false"]);
    toggle.click();
    find("settings").click();
    expect(shown()).toBe(false);
    toggle.click();
    expect([shown(), find("settings-fold").hidden]).toEqual([true, true]);
  });

  it("is hidden, with its button and that of the surprise, where the model has no vocabulary", () => {
    model.python({ vocabulary: {} });
    expect(["palette", "palette-toggle", "surprise"].map((id) => find(id).hidden)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("has all the words where a row shows the first few", () => {
    const objects = Array.from({ length: 9 }, (_, i) => `thing ${i}`);
    model.python({ vocabulary: { ...VOCABULARY, objects } });
    find("palette-toggle").click();
    find("add-region").click();
    expect(el.querySelectorAll('.sd-row [data-testid="sd-chip"]')).toHaveLength(6);
    find("more-chips").click();
    expect([find("palette").hidden, document.activeElement]).toEqual([false, find("palette-search")]);
  });
});

describe("a surprise", () => {
  it("is asked of the kernel", () => {
    find("surprise").click();
    expect(model.messages("surprise")).toHaveLength(1);
  });

  it("is one step of undo, whatever was there", () => {
    model.python({
      regions: [newRegion({ id: "a", prompt: "old" })],
      masks: { a: asTrait(maskOf([1, 1])) },
      background: "sea",
    });
    model.python({
      regions: [newRegion({ id: "b", prompt: "house" }), newRegion({ id: "c", prompt: "tree" })],
      masks: { b: asTrait(maskOf([2, 2])), c: asTrait(maskOf([3, 3])) },
      background: "sky",
      layouts: 1,
    });
    expect([prompts(), background()]).toEqual([["tree", "house"], "sky"]);
    expect(model.saved).toHaveLength(0); // the kernel has it already
    expect(find("undo").title).toContain("Undo surprise");
    find("undo").click();
    expect([prompts(), background()]).toEqual([["old"], "sea"]);
    const patch = model.messages("mask_patch").at(-1)!;
    expect([patch.region, patch.box]).toEqual(["a", [1, 1, 1, 1]]);
    find("redo").click();
    expect([prompts(), background()]).toEqual([["tree", "house"], "sky"]);
    expect(Object.keys(model.writes<Record<string, unknown>>("masks").at(-1)!)).toEqual(["b", "c"]);
  });
});
