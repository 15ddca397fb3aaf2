// What goes with every prompt: a style, words for quality, and what nothing is to show. The prompts themselves stay.

import presets from "../../semanticdraw_widget/quality_presets.json";
import { h, setProps } from "./dom";
import { choice, line } from "./fields";
import { remarks } from "./hints";
import { MAX_PROMPT, type Values } from "./scene";
import type { Store } from "./store";

type TextName = "style_text" | "quality_text" | "negative_text";

/** The texts are those of no preset. */
const OWN = "own";

export class TextSettings {
  readonly lines: readonly HTMLElement[];
  private readonly fields: ((store: Store) => void)[] = [];
  private readonly remarks = h("div", "remarks fold-remarks", {
    role: "note",
    "data-testid": "sd-text-remarks",
  });
  private readonly preset: ReturnType<typeof choice>;

  constructor(private readonly store: Store) {
    const texts = store.texts.everyPrompt;
    const names: Readonly<Record<string, string>> = texts.presets;
    this.preset = choice({
      label: texts.preset,
      testId: "sd-quality",
      options: [...presets.map(({ name }) => name), OWN].map((value) => ({
        value,
        label: names[value] ?? value,
      })),
      change: (name) => {
        const preset = presets.find((one) => one.name === name);
        if (!preset) return;
        store.setValues({ quality_text: preset.quality, negative_text: preset.negative });
        store.history.seal();
      },
    });
    this.lines = [
      h("h4", "fold-title", {}, texts.label),
      this.text(texts.style, "style_text", texts.stylePlaceholder, texts.styleHint),
      line(texts.quality, this.preset.input, { title: texts.qualityHint }),
      this.text(texts.qualityWords, "quality_text", texts.none, texts.qualityWordsHint),
      this.text(texts.negative, "negative_text", texts.none, texts.negativeHint),
      this.remarks,
    ];
  }

  /** Whether any text is set. */
  get any(): boolean {
    const { style_text, quality_text, negative_text } = this.store;
    return [style_text, quality_text, negative_text].some((text) => text.trim() !== "");
  }

  show(): void {
    const { store, preset } = this;
    for (const show of this.fields) show(store);
    remarks(this.remarks, store.notices.get("") ?? [], `${store.style_text}${store.quality_text}`, {
      texts: store.texts.remarks,
      known: [],
    });
    const same = presets.find(
      ({ quality, negative }) => quality === store.quality_text && negative === store.negative_text,
    );
    preset.show(same?.name ?? OWN, "");
    for (const option of preset.input.options)
      if (option.value === OWN) option.hidden = option.disabled = same !== undefined;
  }

  private text(label: string, name: TextName, placeholder: string, title: string): HTMLElement {
    const input = h("input", "text", {
      type: "text",
      dir: "auto",
      placeholder,
      maxlength: MAX_PROMPT,
      autocomplete: "off",
      "data-testid": `sd-${name.replace("_", "-")}`,
    });
    input.addEventListener("input", () => {
      this.store.setValues({ [name]: input.value } as Partial<Values>, true);
    });
    input.addEventListener("blur", () => this.store.history.seal());
    this.fields.push((store) => setProps<"input">(input, { value: store[name] }));
    return line(label, input, { title });
  }
}
