// A region in the list: its prompt, and under it, if it is the active one, its details.

import { perform } from "./actions";
import { paletteShown } from "./concepts";
import { Details, DetailsToggle } from "./details";
import { h, iconButton, setAttributes, setProps } from "./dom";
import { chips, remarks } from "./hints";
import { icon } from "./icons";
import { Inputs } from "./inputs";
import { isEmpty } from "./mask";
import type { Menu } from "./menu";
import { Prompt } from "./prompt";
import type { Notice } from "./protocol";
import { tabStops } from "./rowfocus";
import { regionMenu } from "./rowmenu";
import { RowName } from "./rowname";
import type { Region } from "./scene";
import type { Store } from "./store";
import { promptOf } from "./wording";

const [EYE, LOCK, COLOR] = ["Shift+H", "Shift+L", "Shift+C"];
const NO_NOTICES: readonly Notice[] = [];

export class Row {
  readonly element: HTMLElement;
  readonly grip: HTMLButtonElement;
  readonly prompt: Prompt;
  /** The button that opens the menu. */
  readonly more: HTMLButtonElement;
  readonly menu: Menu;
  private readonly name: RowName;
  private readonly color = h("input", "dot-input", { type: "color", tabindex: -1 });
  private readonly dot = h("label", "dot", {}, this.color);
  private readonly eye: HTMLButtonElement;
  private readonly lock: HTMLButtonElement;
  private readonly alone: HTMLButtonElement;
  private readonly remarks = h("div", "remarks", { role: "note" });
  private readonly ready = h("div", "ready");
  private readonly toggle: DetailsToggle;
  private details: Details | null = null;
  /** Whether nothing is painted; null until somebody looks. */
  private empty: boolean | null = null;
  private eyeIsOpen = true;
  private readonly inputs = new Inputs();

  constructor(
    private readonly store: Store,
    readonly id: string,
    private readonly leave: () => void,
    hover: (id: string | null) => void,
    chosen: (fromButton: boolean) => void,
    private readonly openSettings: () => void,
    private readonly openPalette: () => void,
  ) {
    const texts = store.texts.row;
    setAttributes(this.color, { "aria-label": texts.color, "aria-keyshortcuts": COLOR });
    setAttributes(this.dot, { title: `${texts.color} (${store.texts.key(COLOR)})` });
    this.prompt = new Prompt(store, {
      label: texts.prompt,
      placeholder: texts.placeholder,
      testId: "sd-prompt",
      kind: "region",
      input: (prompt) => this.change({ prompt }, true),
      done: leave,
      blur: () => store.history.seal(),
      offering: () => this.update(),
    });
    this.grip = h("button", "grip", { type: "button", title: texts.drag });
    this.grip.append(h("span", "grip-dots", { "aria-hidden": "true" }));
    this.eye = iconButton({
      icon: "eye",
      label: texts.hide,
      key: EYE,
      classes: "row-button eye",
      testId: "sd-visible",
      click: () => this.region && store.setVisible(id, !store.shows(this.region)),
    });
    this.more = iconButton({
      icon: "more",
      label: texts.more,
      key: ".",
      classes: "row-button",
      testId: "sd-more",
    });
    this.name = new RowName(store.texts.details, (name) => this.change({ name }));
    this.menu = regionMenu(store, id, this.more, (back) => this.rename(back), chosen);
    this.alone = iconButton({
      icon: "alone",
      label: texts.alone,
      key: "A",
      classes: "row-button alone",
      testId: "sd-alone",
      click: () => {
        perform(store, "solo", id);
        this.more.focus({ preventScroll: true }); // the button is gone
      },
    });
    this.lock = iconButton({
      icon: "lock",
      label: texts.unlock,
      key: LOCK,
      cap: store.texts.key(LOCK),
      classes: "row-button",
      click: () => this.change({ locked: false }),
    });
    this.toggle = new DetailsToggle(store);
    const buttons = h("div", "row-buttons", {}, this.alone, this.lock, this.eye, this.more);
    const words = h("div", "row-words", {}, this.name.element, this.prompt.element, this.name.field);
    const main = h("div", "row-main", {}, this.grip, this.dot, words, buttons);
    this.element = h("div", "row", { role: "listitem", "data-testid": "sd-region-row", "data-region": id });
    this.element.append(main, this.remarks, this.ready, this.toggle.element);
    this.chooseWhenUsed();
    this.element.addEventListener("pointerenter", () => hover(id));
    this.element.addEventListener("pointerleave", () => hover(null));
    this.color.addEventListener("input", () => this.change({ color: this.color.value }, true));
  }

  /**
   * Unfolding moves the rows below. So it waits for the click where something is pressed, which would otherwise come
   * to lie elsewhere while the pointer is down, and does not come where a drag begins.
   */
  private chooseWhenUsed(): void {
    const { store, element, id } = this;
    let pressed = false;
    const release = () => {
      pressed = false;
      for (const type of ["pointerup", "pointercancel"]) removeEventListener(type, release);
    };
    const choose = (event: Event) => {
      const drags = event.target === this.grip && event.type !== "focusin"; // Tab, too, leads to the grip
      if (!pressed && store.active !== id && !drags) store.set({ active: id });
    };
    element.addEventListener("pointerdown", (event) => {
      pressed = (event.target as Element).closest("button, label") !== null;
      // Not on the row: the pointer may have left it.
      for (const type of ["pointerup", "pointercancel"]) addEventListener(type, release);
      choose(event);
    });
    element.addEventListener("focusin", choose);
    element.addEventListener("click", choose);
  }

  /** Edits the name, after which `back` gets the focus. */
  rename(back: HTMLElement): void {
    this.name.edit(back);
  }

  /** Its mask is another one. */
  maskChanged(): void {
    this.empty = null;
  }

  update(): void {
    const { region, store } = this;
    if (!region) return;
    const active = store.active === this.id;
    const shown = store.shows(region);
    const notices = store.notices.get(this.id) ?? NO_NOTICES;
    this.empty ??= store.stroke ? null : isEmpty(store.mask(this.id));
    // All that is read below. Of many rows most stay as they are, whatever happens.
    const { prompt, empty } = this;
    const known = [region, notices, shown, empty, store.solo === this.id, store.vocabulary, store.facts];
    const unfolds = active && [paletteShown(store), store.details];
    if (this.inputs.changed(...known, prompt.offers, prompt.field.value, ...(unfolds || [])))
      this.show(region, active, shown, notices);
  }

  private show(region: Region, active: boolean, shown: boolean, notices: readonly Notice[]): void {
    const { store } = this;
    setAttributes(this.element, {
      "data-active": active,
      "data-hidden": !shown,
      "aria-current": active ? "true" : null,
    });
    this.element.style.setProperty("--sd-color", region.color);
    this.prompt.set(
      region.prompt,
      notices.flatMap((notice) => notice.words),
    );
    const texts = store.texts.row;
    const title = region.name || region.prompt || texts.unnamed;
    this.name.show(region);
    setAttributes(this.grip, { "aria-label": texts.move(title) });
    setAttributes(this.more, { "aria-label": texts.moreFor(title) });
    if (shown !== this.eyeIsOpen) this.eye.replaceChildren(icon(shown ? "eye" : "eyeOff"));
    this.eyeIsOpen = shown;
    const eyeLabel = shown ? texts.hide : texts.show;
    setAttributes(this.eye, {
      "aria-pressed": String(!shown),
      "aria-label": eyeLabel,
      title: `${eyeLabel} (${store.texts.key(EYE)})`,
    });
    this.lock.hidden = !region.locked;
    this.alone.hidden = store.solo !== this.id;
    setProps<"input">(this.color, { value: region.color });
    tabStops(this.element, active);
    const missing = this.empty && region.prompt.trim() ? texts.paintIt : "";
    remarks(this.remarks, notices, region.prompt, {
      texts: store.texts.remarks,
      known: store.vocabulary.objects,
      missing,
      early: this.prompt.offers,
      openSettings: this.openSettings,
    });
    const unsaid = active && region.prompt.trim() === "";
    const offer = unsaid && !paletteShown(store) ? store.vocabulary.objects : [];
    const pick = (word: string) => this.change({ prompt: promptOf(word, store) });
    chips(this.ready, offer, pick, this.openPalette, texts.moreWords);
    const offered = active && offer.length === 0;
    this.updateDetails(region, offered, offered && store.details);
  }

  private updateDetails(region: Region, offered: boolean, open: boolean): void {
    this.toggle.element.hidden = !offered;
    this.toggle.show(region, open);
    if (open && !this.details) {
      this.details = new Details(this.store, this.id, this.leave);
      this.element.append(this.details.element);
    }
    if (!this.details) return;
    this.details.element.hidden = !open;
    if (open) this.details.update(region);
  }

  private get region(): Region | undefined {
    return this.store.region(this.id);
  }

  private change(fields: Partial<Region>, typing = false): void {
    this.store.updateRegion(this.id, fields, typing);
  }
}
