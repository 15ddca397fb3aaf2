// A region in the list: its prompt, and under it, if it is the active one, all else about it.

import { h, iconButton, setAttributes, setProps, slider } from "./dom";
import { chips, remarks } from "./hints";
import { isEmpty } from "./mask";
import { Prompt } from "./prompt";
import { MAX_SEED, type Region, randomSeed } from "./scene";
import type { Store } from "./store";

export class Row {
  readonly element: HTMLElement;
  readonly grip: HTMLButtonElement;
  readonly prompt: Prompt;
  private readonly color = h("input", "dot-input", { type: "color", tabindex: -1, "aria-label": "Color" });
  private readonly dot = h("label", "dot", { title: "Color" }, this.color);
  private readonly eye: HTMLButtonElement;
  private readonly lock: HTMLButtonElement;
  private readonly remarks = h("div", "remarks", { role: "note" });
  private readonly ready = h("div", "ready");
  private readonly fold = h("div", "fold");
  private fields: ((region: Region) => void)[] = [];
  /** Whether nothing is painted; null until somebody looks. */
  private empty: boolean | null = null;

  constructor(
    private readonly store: Store,
    readonly id: string,
    leave: () => void,
    hover: (id: string | null) => void,
  ) {
    this.prompt = new Prompt({
      label: "What this region shows",
      placeholder: "this is …",
      testId: "sd-prompt",
      input: (prompt) => this.change({ prompt }, true),
      done: leave,
      blur: () => store.history.seal(),
    });
    this.grip = h("button", "grip", { type: "button", title: "Drag to reorder (Alt+↑, Alt+↓)" });
    this.grip.append(h("span", "grip-dots", { "aria-hidden": "true" }));
    this.eye = iconButton({
      icon: "eye",
      label: "Hide the region",
      classes: "row-button eye",
      testId: "sd-visible",
      click: () => this.change({ visible: !this.region?.visible }),
    });
    const remove = iconButton({
      icon: "trash",
      label: "Delete the region",
      classes: "row-button",
      testId: "sd-delete",
      click: () => store.removeRegion(id),
    });
    this.lock = iconButton({
      icon: "lock",
      label: "Locked; click to unlock",
      classes: "row-button",
      click: () => this.change({ locked: false }),
    });
    const buttons = h("div", "row-buttons", {}, this.lock, this.eye, remove);
    const main = h("div", "row-main", {}, this.grip, this.dot, this.prompt.element, buttons);
    this.element = h("div", "row", { role: "listitem", "data-testid": "sd-region-row", "data-region": id });
    this.element.append(main, this.remarks, this.ready, this.fold);
    const choose = (event: Event) => {
      // Unfolding would move the rows under a pointer that begins to drag.
      if (store.active !== id && event.target !== this.grip) store.set({ active: id });
    };
    this.element.addEventListener("focusin", choose);
    this.element.addEventListener("pointerdown", choose);
    this.element.addEventListener("pointerenter", () => hover(id));
    this.element.addEventListener("pointerleave", () => hover(null));
    this.color.addEventListener("input", () => this.change({ color: this.color.value }, true));
  }

  /** Its mask is another one. */
  maskChanged(): void {
    this.empty = null;
  }

  update(): void {
    const { region, store } = this;
    if (!region) return;
    const active = store.active === this.id;
    const notices = store.notices.get(this.id) ?? [];
    setAttributes(this.element, {
      "data-active": active,
      "data-hidden": !region.visible,
      "aria-current": active ? "true" : null,
    });
    this.element.style.setProperty("--sd-color", region.color);
    this.prompt.set(
      region.prompt,
      notices.flatMap((notice) => notice.words),
    );
    const title = region.name || region.prompt || "region without a prompt";
    setAttributes(this.grip, { "aria-label": `Move ${title}; Alt with arrow up or down` });
    const eyeLabel = region.visible ? "Hide the region" : "Show the region";
    setAttributes(this.eye, {
      "aria-pressed": String(!region.visible),
      "aria-label": eyeLabel,
      title: eyeLabel,
    });
    this.lock.hidden = !region.locked;
    setProps<"input">(this.color, { value: region.color });
    this.empty ??= !store.stroke && isEmpty(store.mask(this.id));
    const missing = this.empty && region.prompt.trim() ? "Now paint where it is." : "";
    remarks(this.remarks, notices, region.prompt, store.vocabulary.objects, missing);
    const offer = active && region.prompt.trim() === "" ? store.vocabulary.objects : [];
    chips(this.ready, offer, (prompt) => this.change({ prompt }));
    this.updateFold(active && offer.length === 0);
  }

  private updateFold(open: boolean): void {
    if (open && this.fields.length === 0) this.buildFold();
    this.fold.hidden = !open;
    const region = this.region;
    if (open && region) for (const show of this.fields) show(region);
  }

  private get region(): Region | undefined {
    return this.store.region(this.id);
  }

  private change(fields: Partial<Region>, typing = false): void {
    this.store.updateRegion(this.id, fields, typing);
  }

  // ------------------------------------------------------------ the fold

  private buildFold(): void {
    const name = h("input", "text", {
      type: "text",
      placeholder: "optional",
      "aria-label": "Name",
      maxlength: 100,
    });
    name.addEventListener("input", () => this.change({ name: name.value }, true));
    this.fields.push((region) => setProps<"input">(name, { value: region.name }));
    this.fold.append(
      line("Name", name),
      this.percent("Strength", "strength", "How firmly the region holds its place"),
      this.percent(
        "Prompt strength",
        "prompt_strength",
        "How much this prompt counts against the background's",
      ),
      this.feather(),
      this.seed(),
    );
  }

  private percent(label: string, key: "strength" | "prompt_strength", title: string): HTMLElement {
    const number = h("output", "number");
    const input = slider({
      label: key === "strength" ? "Strength" : "Prompt strength",
      min: key === "strength" ? 1 : 0,
      max: 100,
      step: 1,
      text: (value) => `${value} %`,
      input: (percent) => this.change({ [key]: percent / 100 }, true),
    });
    this.fields.push((region) => {
      input.set(Math.round(region[key] * 100));
      number.textContent = `${Math.round(region[key] * 100)}`;
    });
    return line(label, input.element, number, title);
  }

  /** The slider's left end leaves the feather to the model. */
  private feather(): HTMLElement {
    const number = h("output", "number");
    const input = slider({
      label: "Feather",
      min: -1,
      max: 64,
      step: 1,
      text: (value) => (value < 0 ? "the model's own" : `${value} px`),
      input: (value) => this.change({ feather: value < 0 ? null : value }, true),
    });
    this.fields.push((region) => {
      input.set(region.feather ?? -1);
      number.textContent = region.feather === null ? "auto" : String(Math.round(region.feather));
    });
    return line("Feather", input.element, number, "Softness of the region's edge, in pixels");
  }

  private seed(): HTMLElement {
    const { element, show } = seedField("auto", "Seed of this region", "sd-region-seed", (seed) =>
      this.change({ seed }),
    );
    this.fields.push((region) => show(region.seed));
    return line("Seed", element);
  }
}

/** A number and a die. Empty means null, where that is allowed. */
export function seedField(
  placeholder: string,
  label: string,
  testId: string,
  change: (seed: number | null) => void,
): { element: HTMLElement; show: (seed: number | null) => void } {
  const input = h("input", "text seed-input", {
    type: "text",
    inputmode: "numeric",
    placeholder,
    "aria-label": label,
    maxlength: 16,
    "data-testid": testId,
  });
  let shown = "";
  input.addEventListener("change", () => {
    const digits = input.value.replace(/\D/g, "");
    if (digits === "") change(null);
    else change(Math.min(Number(digits), MAX_SEED));
    setProps<"input">(input, { value: shown });
  });
  const dice = iconButton({
    icon: "dice",
    label: `${label}: throw the dice`,
    classes: "row-button",
    click: () => change(randomSeed()),
  });
  return {
    element: h("div", "seed", {}, input, dice),
    show(seed) {
      shown = seed === null ? "" : String(seed);
      setProps<"input">(input, { value: shown });
    },
  };
}

function line(
  label: string,
  control: HTMLElement,
  number: HTMLElement | null = null,
  title = "",
): HTMLElement {
  const name = h("span", "line-label", { title: title || null }, label);
  return h("div", "line", {}, name, control, number ?? h("span", ""));
}
