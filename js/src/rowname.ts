// The name of a region in its row: quiet, above the prompt, where it says something else. It is edited in place.

import { composes, h, setAttributes, setProps } from "./dom";
import type { Texts } from "./language";
import type { Region } from "./scene";

export const MAX_NAME = 100;

export class RowName {
  readonly element = h("div", "row-name", { dir: "auto", "data-testid": "sd-row-name", hidden: true });
  readonly field: HTMLInputElement;
  private name = "";
  private back: HTMLElement | null = null;

  constructor(
    texts: Texts["details"],
    private readonly rename: (name: string) => void,
  ) {
    setAttributes(this.element, { title: texts.renameHint });
    this.field = h("input", "text row-name-field", {
      type: "text",
      dir: "auto",
      autocomplete: "off",
      maxlength: MAX_NAME,
      placeholder: texts.name,
      "aria-label": texts.nameLabel,
      "data-testid": "sd-rename",
      hidden: true,
    });
    this.element.addEventListener("dblclick", () => this.edit(null));
    this.field.addEventListener("keydown", (event) => {
      if (composes(event) || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      this.end(event.key === "Enter", true);
    });
    this.field.addEventListener("blur", () => this.end(true, false));
  }

  show(region: Region): void {
    this.name = region.name;
    const name = region.name.trim();
    if (this.element.textContent !== name) this.element.textContent = name;
    this.element.hidden = name === "" || name === region.prompt.trim();
  }

  /** `back` gets the focus when it is done. */
  edit(back: HTMLElement | null): void {
    this.back = back;
    setProps<"input">(this.field, { value: this.name });
    this.field.hidden = false;
    this.field.focus({ preventScroll: true });
    this.field.select();
  }

  private end(keep: boolean, giveBack: boolean): void {
    const { field, back } = this;
    if (field.hidden) return;
    field.hidden = true; // which takes the focus from it
    const name = field.value.trim();
    if (keep && name !== this.name) this.rename(name);
    if (giveBack) back?.focus({ preventScroll: true });
  }
}
