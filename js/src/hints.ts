// What the model remarks on a prompt, and words that it is sure of.

import { h } from "./dom";
import type { Texts } from "./language";
import type { Notice } from "./protocol";
import { isolateQuotes } from "./texts";

/** Of these the canvas knows by itself, and sooner. */
const OWN = ["empty_prompt", "empty_mask"];
const UNUSED = "negative_unused";

interface Hints {
  texts: Texts["remarks"];
  /** Words to try. */
  known: readonly string[];
  /** What is still to be done. */
  missing?: string;
  /** Too early for unknown words: one is half typed. */
  early?: boolean;
  openSettings?: () => void;
}

/** Fills `element` with the model's remarks, and with what is still missing. */
export function remarks(
  element: HTMLElement,
  notices: readonly Notice[],
  prompt: string,
  { texts, known, missing = "", early = false, openSettings }: Hints,
): void {
  const told = notices.filter(
    ({ code, words }) => !OWN.includes(code) && ((prompt.trim() && !early) || !words.length),
  );
  const lines = told.map((notice) => {
    // Where the message itself does not name a word that is like it.
    const lost = notice.near.length ? undefined : notice.words[0];
    const similar = lost ? suggest(lost, known) : [];
    const hint = similar.length ? ` ${texts.tryWords(similar.join(", "))}` : "";
    return isolateQuotes(sentence(inOurWords(notice, texts.cfg)) + hint);
  });
  const key = [...lines, missing].join("|");
  if (element.dataset.shown === key) return; // somebody may be about to press its button
  element.dataset.shown = key;
  const paragraphs = lines.map((text, i) => {
    const button =
      told[i]?.code === UNUSED && openSettings ? settingsButton(texts.openSettings, openSettings) : null;
    return h("p", "remark", {}, button ? `${text} ` : text, button);
  });
  if (missing) paragraphs.push(h("p", "missing", {}, missing));
  element.replaceChildren(...paragraphs);
  element.hidden = paragraphs.length === 0;
}

/** Python says cfg for what the canvas calls the guidance mode. */
const inOurWords = ({ code, message }: Notice, cfg: string) =>
  code === UNUSED ? message.replace(/\bcfg\b/g, cfg) : message;

function settingsButton(label: string, open: () => void): HTMLButtonElement {
  const button = h("button", "remark-action", { type: "button", "data-testid": "sd-open-settings" });
  button.append(label);
  button.addEventListener("click", open);
  return button;
}

/** Chips under a field; the palette has all the words. */
const MOST_CHIPS = 6;

/** Buttons with some ready words, and one that shows them all and says `more`. */
export function chips(
  element: HTMLElement,
  words: readonly string[],
  pick: (word: string) => void,
  showAll: () => void,
  more: string,
): void {
  const key = words.join("|");
  if (element.dataset.words !== key) {
    element.dataset.words = key;
    const chip = (text: string, testId: string, click: () => void) => {
      const button = h("button", "chip", { type: "button", "data-testid": testId }, text);
      button.addEventListener("click", click);
      return button;
    };
    element.replaceChildren(
      ...words.slice(0, MOST_CHIPS).map((word) => chip(word, "sd-chip", () => pick(word))),
    );
    if (words.length > MOST_CHIPS) element.append(chip(more, "sd-more-chips", showAll));
  }
  element.hidden = words.length === 0;
}

/** Up to three known words, the most similar first. */
export function suggest(word: string, known: readonly string[]): string[] {
  const pairs = (text: string) => {
    const padded = ` ${text.toLowerCase()} `;
    return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)));
  };
  const mine = pairs(word);
  const likeness = (other: string) => {
    const theirs = pairs(other);
    return (2 * [...theirs].filter((pair) => mine.has(pair)).length) / (theirs.size + mine.size);
  };
  return [...known].sort((a, b) => likeness(b) - likeness(a)).slice(0, 3);
}

const sentence = (text: string) =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
