// All about a region but its prompt and its place in the list.

import { h, setAttributes, setProps, slider } from "./dom";
import { line, seedField } from "./fields";
import { Prompt } from "./prompt";
import type { Region } from "./scene";
import type { Store } from "./store";
import { shareOf, strengthAt } from "./strength";

const rounded = (value: number) => Math.round(1e4 * value) / 1e4;
const percent = (share: number) => `${Math.round(share * 100)} %`;
const pixels = (feather: number | null) =>
  feather === null ? "auto" : `${Math.round(10 * feather) / 10} px`;

/** What differs from an ordinary region, for when the details are folded. */
export function summary(region: Region, levels: readonly number[] = []): string {
  return [
    region.negative_prompt.trim() && `not ${region.negative_prompt.trim()}`,
    region.strength < 1 && `strength ${percent(shareOf(region.strength, levels))}`,
    region.prompt_strength < 1 && `prompt ${percent(region.prompt_strength)}`,
    region.feather !== null && `feather ${pixels(region.feather)}`,
    region.seed !== null && `seed ${region.seed}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

export class Details {
  readonly element = h("div", "fold", { role: "group", "aria-label": "Details of the region" });
  private readonly fields: ((region: Region) => void)[] = [];

  /** leave: the hand goes back to the canvas. */
  constructor(
    private readonly store: Store,
    private readonly id: string,
    private readonly leave: () => void,
  ) {
    this.element.append(
      this.negative(),
      this.share(
        "Strength",
        "strength",
        "In how many of the steps the region holds its place, 1 to 100 %",
        () => store.facts?.levels ?? [],
      ),
      this.share(
        "Prompt strength",
        "prompt_strength",
        "How much the prompt counts against the background's, 0 to 100 %",
      ),
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
    const prompt = new Prompt(this.store, {
      label: "Negative prompt",
      placeholder: "what it must not show",
      testId: "sd-negative-prompt",
      kind: "region",
      input: (negative_prompt) => this.change({ negative_prompt }, true),
      done: this.leave,
      blur: () => this.store.history.seal(),
    });
    this.fields.push((region) => prompt.set(region.negative_prompt, []));
    prompt.element.classList.add("sd-boxed");
    return line("Negative prompt", prompt.element, { title: "What this region must not show" });
  }

  /** levels: makes the scale even, see strength.ts. */
  private share(
    label: string,
    key: "strength" | "prompt_strength",
    title: string,
    levels: () => readonly number[] = () => [],
  ): HTMLElement {
    const number = h("output", "number");
    const input = slider({
      label,
      min: key === "strength" ? 1 : 0,
      max: 100,
      step: 1,
      testId: `sd-${label.toLowerCase().replace(" ", "-")}`,
      text: (value) => `${value} %`,
      input: (value) => this.change({ [key]: rounded(strengthAt(value / 100, levels())) }, true),
    });
    this.fields.push((region) => {
      const share = shareOf(region[key], levels());
      input.set(Math.round(share * 100));
      number.textContent = percent(share);
    });
    return line(label, input.element, { beside: number, title });
  }

  /** The slider's left end leaves the feather to the model. */
  private feather(): HTMLElement {
    const number = h("output", "number");
    const input = slider({
      label: "Feather",
      min: -1,
      max: 64,
      step: 1,
      testId: "sd-feather",
      text: (value) => (value < 0 ? "the model's own" : `${value} px`),
      input: (value) => this.change({ feather: value < 0 ? null : value }, true),
    });
    this.fields.push((region) => {
      input.set(region.feather ?? -1);
      number.textContent = pixels(region.feather);
    });
    const title = "Softness of the region's edge, 0 to 64 px; the left end is the model's own";
    return line("Feather", input.element, { beside: number, title });
  }

  private seed(): HTMLElement {
    const { element, show } = seedField({
      label: "Seed of this region",
      testId: "sd-region-seed",
      placeholder: "auto",
      reset: "Back to the canvas's seed",
      change: (seed) => this.change({ seed }),
      pin: {
        label: "Pin: keep its look when the canvas gets another seed",
        seed: () => this.store.seed,
      },
    });
    this.fields.push((region) => show(region.seed));
    return line("Seed", element, { title: "Another seed makes another variant of this region alone" });
  }

  private name(): HTMLElement {
    const input = h("input", "text", { type: "text", dir: "auto", placeholder: "optional", maxlength: 100 });
    input.addEventListener("input", () => this.change({ name: input.value }, true));
    this.fields.push((region) => setProps<"input">(input, { value: region.name }));
    return line("Name", input, { title: "For you; it paints nothing" });
  }

  private lock(): HTMLElement {
    const input = h("input", "check", { type: "checkbox", "data-testid": "sd-locked" });
    input.addEventListener("change", () => this.change({ locked: input.checked }));
    this.fields.push((region) => setProps<"input">(input, { checked: region.locked }));
    return line("Locked", input, { title: "The pen leaves a locked region alone, and what it shows stays" });
  }
}

/** The button that unfolds the details, with what differs beside it while they are folded. */
export class DetailsToggle {
  readonly element: HTMLButtonElement;
  private readonly summary = h("span", "summary", { dir: "auto" });

  constructor(private readonly store: Store) {
    this.element = h("button", "details-toggle", { type: "button", "data-testid": "sd-details" });
    this.element.append(h("span", "chevron", { "aria-hidden": "true" }), "Details", this.summary);
    this.element.addEventListener("click", () => store.set({ details: !store.details }));
  }

  show(region: Region, open: boolean): void {
    const text = open ? "" : summary(region, this.store.facts?.levels);
    setAttributes(this.element, {
      "aria-expanded": String(open),
      title: text || "Negative prompt, strength, feather, seed (D)",
    });
    if (this.summary.textContent !== text) this.summary.textContent = text;
  }
}
