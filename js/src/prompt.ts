// A prompt field: grows with its text, offers words that the model knows, and underlines those that it does not.

import { Combobox } from "./combobox";
import type { Kind } from "./completion";
import { composes, h, setProps } from "./dom";
import { MAX_PROMPT } from "./scene";
import type { Store } from "./store";

interface PromptOptions {
  label: string;
  placeholder: string;
  testId: string;
  /** What is typed here, and so which words are offered. */
  kind: Kind;
  input: (text: string) => void;
  /** Enter, or Escape. */
  done: () => void;
  /** The typing has ended. */
  blur: () => void;
  /** The list of known words has opened or closed. */
  offering?: () => void;
}

export class Prompt {
  readonly field: HTMLTextAreaElement;
  readonly element: HTMLElement;
  private readonly mirror = h("div", "prompt-mirror", { dir: "auto", "aria-hidden": "true" });
  private readonly combobox: Combobox;
  private words: readonly string[] = [];

  constructor(store: Store, options: PromptOptions) {
    this.field = h("textarea", "prompt", {
      rows: 1,
      dir: "auto", // a prompt may be in any script
      spellcheck: "false",
      autocomplete: "off",
      maxlength: MAX_PROMPT,
      "aria-label": options.label,
      placeholder: options.placeholder,
      "data-testid": options.testId,
    });
    this.element = h("div", "prompt-box", {}, this.mirror, this.field);
    this.field.addEventListener("input", () => {
      const flat = this.field.value.replace(/\s*\n\s*/g, " ");
      setProps<"textarea">(this.field, { value: flat });
      this.reflect();
      options.input(flat);
    });
    // It hears of what is typed after the store, and of keys before the prompt itself.
    this.combobox = new Combobox(this.field, store, options.kind, options.offering);
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      if (composes(event) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      options.done();
    });
    this.field.addEventListener("blur", options.blur);
  }

  /** Words are offered for what is half typed: too early to say that it is unknown. */
  get offers(): boolean {
    return this.combobox.isOpen;
  }

  /** unknown: the words to underline. */
  set(text: string, unknown: readonly string[]): void {
    this.words = unknown;
    setProps<"textarea">(this.field, { value: text });
    this.reflect();
  }

  /** The mirror lies behind the field, has the same text, and gives both their height. */
  private reflect(): void {
    const text = this.field.value;
    const unknown = new Set(this.words.map((word) => word.toLowerCase()));
    const parts = unknown.size ? text.split(/([\p{L}\p{N}'-]+)/u) : [text];
    this.mirror.replaceChildren(
      ...parts.map((part) => (unknown.has(part.toLowerCase()) ? h("span", "unknown", {}, part) : part)),
      // A last empty line would have no height.
      "\u200b",
    );
  }
}
