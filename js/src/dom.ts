// Making elements. Nothing here knows what the canvas is.

import { type IconName, icon } from "./icons";

type Props<K extends keyof HTMLElementTagNameMap> = {
  [P in keyof HTMLElementTagNameMap[K]]?: HTMLElementTagNameMap[K][P];
};
type Attributes = Record<string, string | number | boolean | null>;
type Child = Node | string | null;

/** An element with class names (prefixed `sd-`), attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  classes: string,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (classes) element.className = classes.replace(/(^|\s)(?=\S)/g, "$1sd-");
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value))
      element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Sets properties of an input only where they differ, so that the caret stays. */
export function setProps<K extends keyof HTMLElementTagNameMap>(
  element: HTMLElementTagNameMap[K],
  props: Props<K>,
): void {
  for (const key of Object.keys(props) as (keyof Props<K> & keyof HTMLElementTagNameMap[K])[]) {
    if (element[key] !== props[key]) Object.assign(element, { [key]: props[key] });
  }
}

// Each widget loads this module anew, and a page may have many, in which ids must differ.
const page = crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36);
let ids = 0;

/** An id that no other element of the page has. */
export const newId = (kind: string) => `sd-${kind}-${page}-${++ids}`;

/** The key belongs to an input method, which composes a character; some browsers say it by the code alone. */
export const composes = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;

interface ButtonOptions {
  icon: IconName;
  label: string;
  /** The key that does the same. */
  key?: string;
  /** The key as people read it, where that is something else. */
  cap?: string;
  /** More to say in the tooltip. */
  hint?: string;
  testId?: string;
  classes?: string;
  click?: (event: MouseEvent) => void;
}

/** A button with an icon; its label, key and hint are its tooltip. */
export function iconButton({
  icon: name,
  label,
  key,
  cap = key,
  hint,
  testId,
  classes,
  click,
}: ButtonOptions): HTMLButtonElement {
  const button = h(
    "button",
    `button ${classes ?? ""}`.trim(),
    {
      type: "button",
      title: `${label}${cap ? ` (${cap})` : ""}${hint ? `: ${hint}` : ""}`,
      "aria-label": label,
      "aria-keyshortcuts": key ? ariaKeys(key) : null,
      "data-testid": testId ?? null,
    },
    icon(name),
  );
  if (click) button.addEventListener("click", click);
  return button;
}

/** A key as ARIA names it. */
export const ariaKeys = (key: string) =>
  key
    .replace("Ctrl", "Control")
    .replace("⌘", "Meta")
    .replace(/\bDel$/, "Delete")
    .replace(/\bEsc$/, "Escape")
    .replace("↑", "ArrowUp")
    .replace("↓", "ArrowDown")
    .replaceAll(" ", "");

interface SliderOptions {
  label: string;
  min: number;
  max: number;
  step: number;
  testId?: string;
  /** What screen readers say instead of the bare number. */
  text?: (value: number) => string;
  input: (value: number) => void;
}

export interface Slider {
  readonly element: HTMLInputElement;
  set(value: number): void;
}

export function slider({ label, min, max, step, testId, text, input }: SliderOptions): Slider {
  const element = h("input", "slider", {
    type: "range",
    min,
    max,
    step,
    title: label,
    "aria-label": label,
    "data-testid": testId ?? null,
  });
  const show = () => {
    const share = (Number(element.value) - min) / (Number(element.max) - min || 1);
    element.style.setProperty("--sd-share", `${share * 100}%`);
    if (text) setAttributes(element, { "aria-valuetext": text(Number(element.value)) });
  };
  element.addEventListener("input", () => {
    show();
    input(Number(element.value));
  });
  return {
    element,
    set(value) {
      setProps<"input">(element, { value: String(value) });
      show();
    },
  };
}

/** Arrow keys move between the buttons of a toolbar; Tab passes it by in one step. */
export function rovingFocus(bar: HTMLElement): void {
  const buttons = () =>
    [...bar.querySelectorAll<HTMLElement>("button:not(:disabled)")].filter(
      (button) => button.checkVisibility?.() ?? true,
    );
  const only = (chosen: HTMLElement | undefined) => {
    for (const button of bar.querySelectorAll<HTMLElement>("button")) {
      button.tabIndex = button === chosen ? 0 : -1;
    }
  };
  only(buttons()[0]);
  bar.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLButtonElement) only(event.target);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !(event.target instanceof HTMLButtonElement)) return;
    const all = buttons();
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
    next?.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Runs `draw` in the next animation frame, once however often it is asked. */
export function framed(draw: (time: number) => void): { (): void; cancel(): void } {
  let id = 0;
  const schedule = () => {
    id ||= requestAnimationFrame((time) => {
      id = 0;
      draw(time);
    });
  };
  const cancel = () => {
    cancelAnimationFrame(id);
    id = 0; // or nothing would ever be drawn again
  };
  return Object.assign(schedule, { cancel });
}

export function reducedMotion(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}

/** Clean-up collected while a view is built. */
export class Endings {
  private readonly list: (() => void)[] = [];

  add(...endings: (() => void)[]): void {
    this.list.push(...endings);
  }

  listen<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K | (string & {}),
    listener: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): void {
    target.addEventListener(type, listener as EventListener, options);
    this.add(() => target.removeEventListener(type, listener as EventListener, options));
  }

  run(): void {
    for (const end of this.list.splice(0).reverse()) end();
  }
}
