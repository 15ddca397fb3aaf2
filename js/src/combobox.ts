// The list that drops down from a prompt field while one types: an ARIA 1.2 combobox with a listbox.

import { complete, type Kind, type Offers, take } from "./completion";
import { composes, h, newId, setAttributes } from "./dom";
import { moveTo } from "./float";
import type { Store } from "./store";
import { swatch, tile } from "./tiles";

type Field = HTMLTextAreaElement | HTMLInputElement;

export class Combobox {
  private readonly list = h("ul", "offers", {
    role: "listbox",
    id: newId("offers"),
    "data-testid": "sd-offers",
  });
  private offers: Offers | null = null;
  /** The chosen offer; -1 while none is, so that Enter and Tab keep their meaning. */
  private chosen = -1;
  private unwatch: () => void = () => {};
  private readonly place = () => moveTo(this.field, this.list);

  /** To be made before other listeners of the field's keys, since what the list takes they must not hear. */
  constructor(
    private readonly field: Field,
    private readonly store: Store,
    private readonly kind: Kind,
    /** The list has opened or closed. */
    private readonly changed: () => void = () => {},
  ) {
    setAttributes(this.list, { "aria-label": store.texts.fields.offers });
    field.addEventListener("keydown", (event) => this.keyDown(event as KeyboardEvent));
    field.addEventListener("input", () => this.open());
    field.addEventListener("focus", () => this.describe());
    field.addEventListener("blur", () => this.close());
    field.addEventListener("pointerdown", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(Number(option.dataset.index));
    });
  }

  get isOpen(): boolean {
    return this.offers !== null;
  }

  /** A combobox where the model has words, else a plain field. */
  private describe(): void {
    const { backgrounds, objects } = this.store.vocabulary;
    const some = backgrounds.length + objects.length > 0;
    setAttributes(this.field, {
      role: some ? "combobox" : null,
      "aria-autocomplete": some ? "list" : null,
      "aria-haspopup": some ? "listbox" : null,
      "aria-expanded": some ? String(this.isOpen) : null,
      "aria-controls": this.isOpen ? this.list.id : null,
      "aria-activedescendant": this.chosen >= 0 ? this.optionId(this.chosen) : null,
    });
  }

  private optionId(index: number): string {
    return `${this.list.id}-${index}`;
  }

  // ------------------------------------------------------------ opening and closing

  private open(asked = false): void {
    const { field, store, kind } = this;
    const caret = field.selectionStart ?? field.value.length;
    const offers = complete(field.value, caret, store.vocabulary, kind, asked);
    const root = field.closest<HTMLElement>(".sd-root");
    if (!offers || !root) {
      this.close();
      return;
    }
    const opens = !this.isOpen;
    this.offers = offers;
    this.chosen = -1;
    this.list.replaceChildren(...offers.words.map((word, i) => this.option(word, i)));
    if (!this.list.isConnected) {
      root.append(this.list);
      // A field that is taken away, as its region is, hears of no blur.
      this.unwatch = store.on("regions", () => !field.isConnected && this.close());
      // Whatever scrolls in the view takes the list along.
      root.addEventListener("scroll", this.place, true);
    }
    this.describe();
    if (opens) this.changed();
    this.place();
  }

  private close(): void {
    const closes = this.isOpen;
    this.list.parentElement?.removeEventListener("scroll", this.place, true);
    this.unwatch();
    this.list.remove();
    this.offers = null;
    this.chosen = -1;
    if (this.field.hasAttribute("role")) this.describe();
    if (closes) this.changed();
  }

  private option(word: string, index: number): HTMLElement {
    const { store } = this;
    const attributes = { role: "option", id: this.optionId(index), "aria-selected": "false" };
    const sign = store.vocabulary.colors.includes(word) ? swatch(word) : tile(word, store);
    return h(
      "li",
      "offer",
      { ...attributes, "data-index": index },
      sign,
      h("span", "", { dir: "auto" }, word),
    );
  }

  // ------------------------------------------------------------ keys

  private keyDown(event: KeyboardEvent): void {
    if (composes(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.handled(event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
      this.close(); // the caret goes where the offers do not fit
    }
  }

  private handled(event: KeyboardEvent): boolean {
    const { field } = this;
    if (!this.isOpen) {
      const atEnd = field.selectionStart === field.value.length && field.selectionEnd === field.value.length;
      if (event.key !== "ArrowDown" || !atEnd) return false;
      this.open(true);
      if (this.isOpen) this.choose(0);
      return this.isOpen;
    }
    switch (event.key) {
      case "ArrowDown":
        this.choose(this.chosen + 1);
        return true;
      case "ArrowUp":
        this.choose(this.chosen - 1);
        return true;
      case "Escape":
        this.close();
        return true;
      case "Enter":
      case "Tab":
        if (this.chosen < 0 || event.shiftKey) {
          this.close();
          return false;
        }
        this.take(this.chosen);
        return true;
      default:
        return false;
    }
  }

  /** Past either end none is chosen, and then the other end comes. */
  private choose(index: number): void {
    const count = this.offers?.words.length ?? 0;
    this.chosen = index < -1 ? count - 1 : index >= count ? -1 : index;
    [...this.list.children].forEach((option, i) => {
      setAttributes(option, { "aria-selected": String(i === this.chosen) });
      if (i === this.chosen) option.scrollIntoView?.({ block: "nearest" });
    });
    this.describe();
  }

  private take(index: number): void {
    const { field, offers, store } = this;
    const word = offers?.words[index];
    if (!offers || word === undefined) return;
    const { text, caret } = take(field.value, offers, word, store.vocabulary);
    this.close();
    field.value = text;
    field.setSelectionRange(caret, caret);
    // As if it had been typed; what opens now is what may follow.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (!store.vocabulary.colors.includes(word)) this.close();
  }
}
