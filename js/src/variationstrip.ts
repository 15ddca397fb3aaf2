// Four variations at the canvas's lower edge, to choose from. The one that the pointer or the focus is on shows large.

import { type Endings, h, iconButton, rovingFocus, setAttributes } from "./dom";
import { randomSeed } from "./scene";
import type { Store, Variation } from "./store";

export const COUNT = 4;

/** Asks for variations with seeds that differ from the canvas's and from each other. */
export function vary(store: Store): void {
  if (store.kernel === "gone") {
    store.tell({ refused: store.texts.variations.needKernel });
    return;
  }
  const seeds = new Set<number>();
  while (seeds.size < COUNT) {
    const seed = randomSeed();
    if (seed !== store.seed) seeds.add(seed);
  }
  store.ask({ vary: [...seeds] });
}

export class VariationStrip {
  /** The strip, and what shows a variation large. */
  readonly element = h("div", "variations", { "data-testid": "sd-variations", hidden: true });
  private readonly large = h("img", "variation-large", { alt: "", hidden: true });
  private readonly list = h("div", "variation-list", { role: "toolbar" });
  private readonly cards = new Map<number, { card: HTMLButtonElement; url: string }>();

  /** leave: the hand goes to the canvas. */
  constructor(
    private readonly store: Store,
    endings: Endings,
    private readonly leave: () => void,
  ) {
    const texts = store.texts.variations;
    setAttributes(this.list, { "aria-label": texts.label });
    const more = iconButton({
      icon: "regenerate",
      label: texts.more,
      testId: "sd-more-variations",
      click: () => vary(store),
    });
    const close = iconButton({
      icon: "close",
      label: texts.close,
      key: "Esc",
      cap: store.texts.key("Esc"),
      testId: "sd-close-variations",
      click: () => this.close(),
    });
    const bar = h("div", "variation-bar", {}, this.list, h("div", "variation-buttons", {}, close, more));
    this.element.append(this.large, bar);
    rovingFocus(this.list);
    const look = (event: Event) => this.look(event.target as Element);
    for (const type of ["pointerover", "focusin"]) this.list.addEventListener(type, look);
    this.list.addEventListener("pointerleave", () => this.look(document.activeElement));
    this.list.addEventListener("focusout", () => this.look(null));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    endings.add(
      store.on("variations", () => this.show()),
      () => this.clear(),
    );
    this.show();
  }

  private show(): void {
    const { store, cards, list } = this;
    const { variations } = store;
    for (const [seed, { card, url }] of cards) {
      if (variations.some((one) => one.seed === seed)) continue;
      URL.revokeObjectURL(url);
      card.remove();
      cards.delete(seed);
    }
    variations.forEach((one, i) => {
      const { card } = this.update(one, i);
      if (list.children[i] !== card) list.insertBefore(card, list.children[i] ?? null);
    });
    const shown = [...list.children] as HTMLElement[];
    // The one that Tab stopped at may not have come to be painted.
    if (shown[0] && !shown.some((card) => card.tabIndex === 0)) shown[0].tabIndex = 0;
    this.element.hidden = variations.length === 0;
    this.look(list.contains(document.activeElement) ? document.activeElement : null);
  }

  private update({ seed, picture }: Variation, i: number) {
    let shown = this.cards.get(seed);
    if (!shown) {
      const image = h("img", "variation-picture", { alt: "" });
      const card = h("button", "variation", {
        type: "button",
        "data-testid": "sd-variation",
        "data-seed": seed,
      });
      card.append(image, h("span", "variation-seed", {}, String(seed)));
      card.tabIndex = i === 0 ? 0 : -1;
      card.addEventListener("click", () => this.choose(seed));
      shown = { card, url: "" };
      this.cards.set(seed, shown);
    }
    if (picture && !shown.url) {
      shown.url = URL.createObjectURL(picture);
      shown.card.querySelector("img")?.setAttribute("src", shown.url);
    }
    const texts = this.store.texts.variations;
    setAttributes(shown.card, {
      "aria-busy": picture ? null : "true",
      "aria-label": picture ? texts.ready(i + 1, seed) : texts.waits(i + 1),
      title: picture ? texts.take(seed) : texts.painting,
    });
    return shown;
  }

  private look(target: Element | null): void {
    const seed = target?.closest<HTMLElement>("[data-seed]")?.dataset.seed;
    const url = this.cards.get(Number(seed))?.url ?? "";
    this.large.hidden = url === "";
    if (url && this.large.getAttribute("src") !== url) this.large.src = url;
  }

  /** One step of undo. */
  private choose(seed: number): void {
    const { store } = this;
    store.setValues({ seed });
    store.history.seal();
    store.tell({ did: store.texts.variations.taken(seed) });
    this.close();
  }

  private close(): void {
    this.store.ask({ vary: [] });
    this.leave();
  }

  private clear(): void {
    for (const { url } of this.cards.values()) URL.revokeObjectURL(url);
  }
}
