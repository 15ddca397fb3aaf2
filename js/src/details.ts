// All about a region but its prompt and its place in the list.

import { h, setAttributes, setProps, slider } from "./dom";
import { line, seedField } from "./fields";
import type { Texts } from "./language";
import { Prompt } from "./prompt";
import type { Region } from "./scene";
import type { Store } from "./store";
import { shareOf, strengthAt } from "./strength";

const rounded = (value: number) => Math.round(1e4 * value) / 1e4;

/** What differs from an ordinary region, for when the details are folded. */
export function summary(region: Region, levels: readonly number[], { details, percent, px }: Texts): string {
  const told = details.summary;
  return [
    region.negative_prompt.trim() && told.negative(region.negative_prompt.trim()),
    region.strength < 1 && told.strength(percent(100 * shareOf(region.strength, levels))),
    region.prompt_strength < 1 && told.promptStrength(percent(100 * region.prompt_strength)),
    region.feather !== null && told.feather(px(region.feather)),
    region.seed !== null && told.seed(region.seed),
  ]
    .filter(Boolean)
    .join(" · ");
}

export class Details {
  readonly element = h("div", "fold", { role: "group" });
  private readonly fields: ((region: Region) => void)[] = [];

  /** leave: the hand goes back to the canvas. */
  constructor(
    private readonly store: Store,
    private readonly id: string,
    private readonly leave: () => void,
  ) {
    const texts = store.texts.details;
    setAttributes(this.element, { "aria-label": texts.label });
    this.element.append(
      this.negative(),
      this.share(texts.strength, "strength", texts.strengthHint, () => store.facts?.levels ?? []),
      this.share(texts.promptStrength, "prompt_strength", texts.promptStrengthHint),
      this.feather(),
      this.seed(),
      this.name(),
      this.lock(),
    );
  }

  update(region: Region): void {
    for (const show of this.fields) show(region);
  }

  private change(fields: Partial<Region>, typing = false): void {
    this.store.updateRegion(this.id, fields, typing);
  }

  private negative(): HTMLElement {
    const texts = this.store.texts.details;
    const prompt = new Prompt(this.store, {
      label: texts.negative,
      placeholder: texts.negativePlaceholder,
      testId: "sd-negative-prompt",
      kind: "region",
      input: (negative_prompt) => this.change({ negative_prompt }, true),
      done: this.leave,
      blur: () => this.store.history.seal(),
    });
    this.fields.push((region) => prompt.set(region.negative_prompt, []));
    prompt.element.classList.add("sd-boxed");
    return line(texts.negative, prompt.element, { title: texts.negativeHint });
  }

  /** levels: makes the scale even, see strength.ts. */
  private share(
    label: string,
    key: "strength" | "prompt_strength",
    title: string,
    levels: () => readonly number[] = () => [],
  ): HTMLElement {
    const { percent } = this.store.texts;
    const number = h("output", "number");
    const input = slider({
      label,
      min: key === "strength" ? 1 : 0,
      max: 100,
      step: 1,
      testId: `sd-${key.replace("_", "-")}`,
      text: percent,
      input: (value) => this.change({ [key]: rounded(strengthAt(value / 100, levels())) }, true),
    });
    this.fields.push((region) => {
      const share = shareOf(region[key], levels());
      input.set(Math.round(share * 100));
      number.textContent = percent(100 * share);
    });
    return line(label, input.element, { beside: number, title });
  }

  /** The slider's left end leaves the feather to the model. */
  private feather(): HTMLElement {
    const { details: texts, px } = this.store.texts;
    const number = h("output", "number");
    const input = slider({
      label: texts.feather,
      min: -1,
      max: 64,
      step: 1,
      testId: "sd-feather",
      text: (value) => (value < 0 ? texts.ofModel : px(value)),
      input: (value) => this.change({ feather: value < 0 ? null : value }, true),
    });
    this.fields.push((region) => {
      input.set(region.feather ?? -1);
      number.textContent = region.feather === null ? texts.auto : px(region.feather);
    });
    return line(texts.feather, input.element, { beside: number, title: texts.featherHint });
  }

  private seed(): HTMLElement {
    const { store } = this;
    const texts = store.texts.details;
    const { element, show } = seedField({
      texts: store.texts,
      label: texts.seedLabel,
      testId: "sd-region-seed",
      placeholder: texts.auto,
      reset: texts.seedReset,
      change: (seed) => this.change({ seed }),
      pin: {
        label: texts.seedPin,
        seed: () => store.seed,
      },
    });
    this.fields.push((region) => show(region.seed));
    return line(texts.seed, element, { title: texts.seedHint });
  }

  private name(): HTMLElement {
    const texts = this.store.texts.details;
    const attributes = { type: "text", dir: "auto", placeholder: texts.namePlaceholder, maxlength: 100 };
    const input = h("input", "text", attributes);
    input.addEventListener("input", () => this.change({ name: input.value }, true));
    this.fields.push((region) => setProps<"input">(input, { value: region.name }));
    return line(texts.name, input, { title: texts.nameHint });
  }

  private lock(): HTMLElement {
    const input = h("input", "check", { type: "checkbox", "data-testid": "sd-locked" });
    input.addEventListener("change", () => this.change({ locked: input.checked }));
    this.fields.push((region) => setProps<"input">(input, { checked: region.locked }));
    const texts = this.store.texts.details;
    return line(texts.locked, input, { title: texts.lockedHint });
  }
}

/** The button that unfolds the details, with what differs beside it while they are folded. */
export class DetailsToggle {
  readonly element: HTMLButtonElement;
  private readonly summary = h("span", "summary", { dir: "auto" });

  constructor(private readonly store: Store) {
    this.element = h("button", "details-toggle", { type: "button", "data-testid": "sd-details" });
    this.element.append(
      h("span", "chevron", { "aria-hidden": "true" }),
      store.texts.details.toggle,
      this.summary,
    );
    this.element.addEventListener("click", () => store.set({ details: !store.details }));
  }

  show(region: Region, open: boolean): void {
    const { texts, facts } = this.store;
    const text = open ? "" : summary(region, facts?.levels ?? [], texts);
    setAttributes(this.element, {
      "aria-expanded": String(open),
      title: text || `${texts.details.toggleHint} (D)`,
    });
    if (this.summary.textContent !== text) this.summary.textContent = text;
  }
}
