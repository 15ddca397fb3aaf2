// Which keys belong to the field that has the focus, and which of them a person has written a character with.

import type { Endings } from "./dom";

const NO_TEXT = ["range", "color", "checkbox", "radio", "file", "button", "submit", "reset", "image"];
/** What a closed list of choices does by itself: letters find a choice, arrows step through them. */
const OF_SELECTS = /^([\p{L}\p{N} ]|Arrow\w+|Home|End|Page\w+|Enter)$/u;
/** Many keyboards have these on a third level only: Option on a Mac, AltGr elsewhere. */
const THIRD_LEVEL = /^[[\]{}#]$/;

type TextField = HTMLInputElement | HTMLTextAreaElement;

export const isTextField = (target: EventTarget | null): target is TextField =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !NO_TEXT.includes(target.type));

/** Whether Alt, or AltGr, which some systems tell as Ctrl with Alt, has only helped to write a character. */
export const isWritten = (event: KeyboardEvent) =>
  event.key.length === 1 &&
  (event.getModifierState?.("AltGraph") || (THIRD_LEVEL.test(event.key) && event.altKey && !event.metaKey));

/** Whether the key that shortcuts are held with is down. */
export const isCommand = (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && !isWritten(event);

/** Whether the field in focus takes a key without Ctrl for itself. */
export const keepsKey = ({ target, key }: KeyboardEvent) =>
  isTextField(target) || (target instanceof HTMLSelectElement && OF_SELECTS.test(key));

/** Gives back whether the field of an event is one in which somebody has typed since it got the focus. */
export function watchTyping(root: HTMLElement, endings: Endings): (event: KeyboardEvent) => boolean {
  let typed: EventTarget | null = null;
  const note = (event: Event) => {
    // A text that we set, as when an offered word is taken, ends what the browser could take back.
    if (isTextField(event.target)) typed = event instanceof InputEvent ? event.target : null;
  };
  endings.listen<"input">(root, "input", note, { capture: true });
  endings.listen(root, "focusout", () => {
    typed = null;
  });
  return ({ target }) => target !== null && target === typed;
}

/**
 * Lets the browser take back what was typed, letter by letter. Where it has nothing left, or cannot do it, as Chromium
 * in a text area under `content-visibility: auto`, which JupyterLab's cells have, `undo` does it: for prompts, whose
 * typing is an edit of the canvas.
 */
export function afterBrowser({ target }: KeyboardEvent, undo: () => void): void {
  if (!(target instanceof HTMLTextAreaElement)) return;
  const { value } = target;
  setTimeout(() => target.value === value && undo());
}
