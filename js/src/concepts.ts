// The palette: the model's words as ready brushes. Pick one and paint.

import { BrushGroup } from "./brushgroup";
import { type Endings, h, newId, setAttributes, setProps } from "./dom";
import { icon } from "./icons";
import { Inputs } from "./inputs";
import { rovingGrid } from "./roving";
import type { Store } from "./store";
import { swatch, tile } from "./tiles";
import { colorOf, noun, promptOf, sceneStyle, withColor, withStyle } from "./wording";

/** The settings unfold over the palette, and fold to show it again. */
export const paletteShown = (store: Store) => store.palette && !store.settings && store.hasPalette;

/** The settings lie over the palette, so that it shows by folding them. */
export function togglePalette(store: Store): void {
  const shown = paletteShown(store);
  store.set(shown ? { palette: false } : { palette: true, settings: false });
}

export class Palette {
  readonly element = h("section", "palette", {
    id: newId("palette"),
    "data-testid": "sd-palette",
  });
  private readonly search = h("input", "text palette-search", {
    type: "search",
    dir: "auto",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": "sd-palette-search",
  });
  private readonly colors = h("div", "palette-colors", { role: "group" });
  private readonly style = h("select", "text choice palette-style", {
    "data-testid": "sd-style",
  });
  private readonly scroller = h("div", "palette-words");
  private readonly nothing = h("p", "palette-nothing", { role: "status" });
  private readonly brushes: BrushGroup;
  private readonly objects: ReturnType<typeof group>;
  private readonly backgrounds: ReturnType<typeof group>;
  private readonly regrid: () => void;
  private readonly recolor: () => void;
  private built: unknown[] = [];
  private readonly inputs = new Inputs();

  /** leave: the hand goes to the canvas. */
  constructor(
    private readonly store: Store,
    endings: Endings,
    private readonly leave: () => void,
  ) {
    const texts = store.texts.palette;
    setAttributes(this.element, { "aria-label": texts.label });
    setAttributes(this.search, { placeholder: texts.search, "aria-label": texts.searchLabel });
    setAttributes(this.colors, { "aria-label": texts.color });
    setAttributes(this.style, { title: texts.styleHint, "aria-label": texts.style });
    this.objects = group(texts.objects);
    this.backgrounds = group(texts.backgrounds);
    const find = h("label", "palette-find", {}, icon("search"), this.search);
    this.brushes = new BrushGroup(store, () => this.picked());
    this.scroller.append(this.objects.element, this.backgrounds.element, this.nothing);
    this.element.append(h("div", "palette-head", {}, find, this.style), this.colors, this.scroller);
    this.regrid = rovingGrid(this.scroller, () => this.shown);
    this.recolor = rovingGrid(this.colors, () => buttons(this.colors));
    endings.listen(this.search, "input", () => this.filter());
    endings.listen(this.style, "change", () => this.pickStyle(this.style.value));
    endings.listen(this.search, "keydown", (event) => this.searchKey(event));
    for (const event of ["ui", "regions", "values", "words"] as const)
      endings.add(store.on(event, () => this.show()));
    this.show();
  }

  /** Unfolds it, and begins a search. */
  open(): void {
    this.store.set({ palette: true, settings: false });
    this.search.focus({ preventScroll: true });
  }

  /** The buttons of the words that the search leaves. */
  private get shown(): HTMLButtonElement[] {
    const all = [this.brushes, this.objects, this.backgrounds].flatMap(({ grid }) => words(grid));
    return all.filter((button) => !button.hidden);
  }

  // ------------------------------------------------------------ showing

  private show(): void {
    const { store } = this;
    const shown = paletteShown(store);
    this.element.hidden = !shown;
    if (!shown) return;
    const active = store.region(store.active);
    const { vocabulary, tiles, brushes, regions, background, color: next, style } = store;
    const scene = [active, regions, background, next, style, this.style.value];
    if (!this.inputs.changed(vocabulary, tiles, brushes, ...scene)) return;
    this.build();
    const color = active?.prompt.trim() ? colorOf(active.prompt, store.vocabulary) : store.color;
    press(this.colors, color);
    setProps<"select">(this.style, { value: sceneStyle(store) });
    const inHand = active ? noun(active.prompt, store.vocabulary) : "";
    const behind = noun(store.background, store.vocabulary);
    for (const button of [...buttons(this.objects.grid), ...buttons(this.backgrounds.grid)]) {
      const word = (button.dataset.word as string).toLowerCase();
      setAttributes(button, {
        "aria-current": word === inHand ? "true" : null,
        "data-behind": word === behind,
      });
    }
    const hint = this.fillsCanvas ? store.texts.palette.fillsCanvas : "";
    if (this.backgrounds.hint.textContent !== hint) this.backgrounds.hint.textContent = hint;
  }

  /** The buttons, again only if the model has other words. */
  private build(): void {
    const { store } = this;
    const { backgrounds, objects, colors, styles } = store.vocabulary;
    if (this.brushes.build()) {
      // Those that there are come first; the place to take some in does not stand in the way of words.
      if (store.brushes.length) this.scroller.prepend(this.brushes.element);
      else this.scroller.insertBefore(this.brushes.element, this.nothing);
      this.filter();
    }
    const built = [store.vocabulary, store.tiles];
    if (built.every((part, i) => part === this.built[i])) return;
    this.built = built;
    const pictures = store.tiles !== null;
    for (const [{ grid }, words] of [
      [this.objects, objects],
      [this.backgrounds, backgrounds],
    ] as const) {
      grid.replaceChildren(...words.map((word) => this.concept(word)));
      setAttributes(grid, { "data-pictures": pictures });
    }
    this.colors.replaceChildren(...colors.map((color) => this.dot(color)));
    const { noStyle } = store.texts.palette;
    const options = ["", ...styles].map((value) => h("option", "", { value }, value || noStyle));
    this.style.replaceChildren(...options);
    this.colors.hidden = colors.length === 0;
    this.style.hidden = styles.length === 0;
    this.recolor();
    this.filter();
  }

  private concept(word: string): HTMLButtonElement {
    const attributes = {
      type: "button",
      title: word,
      tabindex: -1,
      "data-word": word,
      "data-testid": "sd-concept",
    };
    const picture = tile(word, this.store);
    const button = h(
      "button",
      picture ? "concept" : "chip",
      attributes,
      picture,
      h("span", "concept-name", {}, word),
    );
    button.addEventListener("click", () => this.pick(word));
    return button;
  }

  private dot(color: string): HTMLButtonElement {
    const attributes = {
      type: "button",
      title: color,
      "aria-label": color,
      tabindex: -1,
      "data-value": color,
    };
    const button = h("button", "color", { ...attributes, "data-testid": "sd-color" }, swatch(color));
    button.addEventListener("click", () => this.pickColor(color));
    return button;
  }

  // ------------------------------------------------------------ the search

  private filter(): void {
    const sought = this.search.value.trim().toLowerCase();
    for (const { element, grid } of [this.brushes, this.objects, this.backgrounds]) {
      const all = words(grid);
      for (const button of all)
        button.hidden = !(button.dataset.word as string).toLowerCase().includes(sought);
      element.hidden = all.every((button) => button.hidden) && !(grid === this.brushes.grid && !sought);
    }
    const none = this.shown.length === 0 && sought !== "";
    this.nothing.textContent = none ? this.store.texts.palette.unknown(sought) : "";
    this.nothing.hidden = !none;
    for (const hidden of this.scroller.querySelectorAll<HTMLButtonElement>("button[hidden]"))
      hidden.tabIndex = -1;
    this.scroller.scrollTop = 0;
    this.regrid();
  }

  private searchKey(event: KeyboardEvent): void {
    const [first] = this.shown;
    if (event.isComposing) return;
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter") {
      if (this.search.value.trim()) first?.click();
    } else if (event.key === "Escape") {
      if (this.search.value) {
        this.search.value = "";
        this.filter();
      } else this.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ------------------------------------------------------------ picking

  /** Whether a background that is picked now goes under everything. */
  private get fillsCanvas(): boolean {
    const active = this.store.region(this.store.active);
    return this.store.background.trim() === "" && !(active && active.prompt.trim() === "");
  }

  /** The word names the region in hand if that has no name yet; else it is a region to paint, its own or a new one. */
  private pick(word: string): void {
    const { store } = this;
    const { vocabulary } = store;
    const prompt = promptOf(word, store);
    const active = store.region(store.active);
    const same = (text: string) => noun(text, vocabulary) === word.toLowerCase();
    const own = [...store.regions].reverse().find((region) => same(region.prompt));
    if (vocabulary.backgrounds.includes(word) && this.fillsCanvas) store.setValues({ background: prompt });
    else if (active && active.prompt.trim() === "") store.updateRegion(active.id, { prompt });
    else if (own && !store.color) store.set({ active: own.id });
    else store.addRegion({ prompt });
    store.set({ color: "", ...(store.tool === "eraser" && { tool: "brush" }) });
    this.picked();
  }

  private picked(): void {
    if (this.search.value) {
      this.search.value = "";
      this.filter();
    }
    this.leave();
  }

  /** Of the region in hand; where it has no name yet, of what is picked next. */
  private pickColor(color: string): void {
    const { store } = this;
    const active = store.region(store.active);
    if (!active?.prompt.trim()) {
      store.set({ color: store.color === color ? "" : color });
      return;
    }
    const other = colorOf(active.prompt, store.vocabulary) === color ? "" : color;
    store.updateRegion(active.id, { prompt: withColor(active.prompt, other, store.vocabulary) });
  }

  /** Of the whole picture: every prompt ends with it. */
  private pickStyle(style: string): void {
    const { store } = this;
    store.set({ style });
    store.reword("style", (prompt) => withStyle(prompt, style, store.vocabulary));
  }
}

function group(label: string) {
  const hint = h("span", "palette-hint");
  const title = h("h4", "palette-title", {}, label, hint);
  const grid = h("div", "concepts", { role: "group", "aria-label": label });
  return { element: h("div", "palette-group", {}, title, grid), grid, hint };
}

const buttons = (root: HTMLElement) => [...root.querySelectorAll<HTMLButtonElement>("button")];

const words = (grid: HTMLElement) => [...grid.querySelectorAll<HTMLButtonElement>("[data-word]")];

function press(root: HTMLElement, value: string): void {
  for (const button of buttons(root)) {
    setAttributes(button, { "aria-pressed": String(button.dataset.value === value) });
  }
}
