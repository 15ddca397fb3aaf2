// The fields of a form: a number, a seed, a choice, each with its label and what it means.

import { h, iconButton, newId, setAttributes, setProps } from "./dom";
import type { Texts } from "./language";
import { MAX_SEED, randomSeed } from "./scene";

/** A row of a `fold`: label, control, and what is read beside it. `title` says what it means, and its range. */
export function line(
  label: string,
  control: HTMLElement,
  { beside = null, title = "" }: { beside?: HTMLElement | null; title?: string } = {},
): HTMLElement {
  const kinds = "input, select, textarea";
  const field = control.matches(kinds) ? control : control.querySelector<HTMLElement>(kinds);
  if (field) {
    field.id ||= newId("field");
    if (title) setAttributes(field, { title, "aria-description": title });
  }
  const name = h("label", "line-label", { for: field?.id ?? null, title: title || null }, label);
  return h("div", "line", {}, name, control, beside);
}

interface FieldOptions<T> {
  label: string;
  testId: string;
  change: (value: T) => void;
}

interface Field<T> {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  show(value: T): void;
}

interface NumberOptions extends FieldOptions<number | null> {
  min: number;
  max: number;
  step: number;
  /** What the button says that empties the field. */
  reset: string;
}

/** A number in a range. Empty means null: somebody else's choice, which the placeholder shows. */
export function numberField({
  label,
  testId,
  min,
  max,
  step,
  reset,
  change,
}: NumberOptions): Field<number | null> {
  const attributes = { type: "number", min, max, step: step < 1 ? "any" : step, "aria-label": label };
  const input = h("input", "text number-input", { ...attributes, "data-testid": testId });
  let shown = "";
  input.addEventListener("change", () => {
    const value = Math.min(Math.max(Number(input.value), min), max);
    if (input.value !== "") change(step < 1 ? value : Math.round(value));
    else if (!input.validity?.badInput) change(null);
    setProps<"input">(input, { value: shown });
  });
  const back = resetButton(reset, `${testId}-reset`, () => {
    change(null);
    input.focus({ preventScroll: true });
  });
  return {
    element: h("div", "field", {}, input, back),
    input,
    show(value) {
      shown = value === null ? "" : String(value);
      setProps<"input">(input, { value: shown });
      setAttributes(back, { "data-unused": value === null });
    },
  };
}

interface SeedOptions extends FieldOptions<number | null> {
  texts: Texts;
  placeholder: string;
  /** What the button says that empties the field; none if it cannot be empty. */
  reset?: string;
  /** A button that takes a seed for its own, and gives it back. */
  pin?: { readonly label: string; readonly seed: () => number };
}

/** A number and a die. Empty means null. */
export function seedField({
  texts,
  label,
  testId,
  placeholder,
  reset,
  pin,
  change,
}: SeedOptions): Field<number | null> {
  const input = h("input", "text", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
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
    label: texts.fields.dice(label),
    classes: "row-button",
    testId: `${testId}-dice`,
    click: () => change(randomSeed()),
  });
  const back = reset
    ? resetButton(reset, `${testId}-reset`, () => {
        change(null);
        input.focus({ preventScroll: true });
      })
    : null;
  let own = false;
  const pinned = pin
    ? iconButton({
        icon: "pin",
        label: pin.label,
        classes: "row-button",
        testId: `${testId}-pin`,
        click: () => change(own ? null : pin.seed()),
      })
    : null;
  return {
    element: h("div", "field", {}, input, back, dice, pinned),
    input,
    show(seed) {
      shown = seed === null ? "" : String(seed);
      own = seed !== null;
      setProps<"input">(input, { value: shown });
      if (pinned) setAttributes(pinned, { "aria-pressed": String(own) });
      if (back) setAttributes(back, { "data-unused": seed === null });
    },
  };
}

/** Keeps its place while there is nothing to take back. */
function resetButton(label: string, testId: string, click: () => void): HTMLButtonElement {
  return iconButton({ icon: "close", label, classes: "row-button reset", testId, click });
}

interface ChoiceOptions extends FieldOptions<string> {
  options: readonly { readonly value: string; readonly label: string }[];
}

/** One of several, and under it a line about the chosen one. */
export function choice({ label, testId, options, change }: ChoiceOptions) {
  const input = h("select", "text choice", { "aria-label": label, "data-testid": testId });
  const told = h("p", "explained", { id: newId("field"), "data-testid": `${testId}-explained` });
  const items = new Map(options.map(({ value, label }) => [value, h("option", "", { value }, label)]));
  input.append(...items.values());
  setAttributes(input, { "aria-describedby": told.id });
  input.addEventListener("change", () => change(input.value));
  return {
    input,
    explained: told,
    /** hidden: what makes no difference now. A value that is none of the options, as Python may know more, is added. */
    show(value: string, explanation: string, hidden: readonly string[] = []) {
      if (!items.has(value)) {
        items.set(value, h("option", "", { value }, value));
        input.append(items.get(value) as HTMLOptionElement);
      }
      for (const [name, item] of items) item.hidden = item.disabled = hidden.includes(name) && name !== value;
      if (input.value !== value) input.value = value;
      if (told.textContent !== explanation) told.textContent = explanation;
    },
  };
}
