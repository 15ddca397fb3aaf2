// Which of the model's words may be meant by what is typed. Knows neither fields nor lists.

import type { Vocabulary } from "./protocol";

/** What kind of prompt is typed, and so which words come first. */
export type Kind = "region" | "background";

export interface Offers {
  /** What of the text a taken word replaces. */
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

export const MOST_OFFERS = 7;
/** The longest names have three words. */
const LONGEST_NAME = 3;
const WORD = /[\p{L}\p{N}'-]+/gu;

/** How well a typed piece, in lower case, fits a word: 0 it begins the word, 1 a later part of it, 2 is inside. */
export function rank(word: string, typed: string): 0 | 1 | 2 | null {
  const name = word.toLowerCase();
  if (name.startsWith(typed)) return 0;
  if (name.includes(` ${typed}`)) return 1;
  return typed.length > 1 && name.includes(typed) ? 2 : null;
}

/**
 * The words to offer at the caret; null for none. Names of several words are found from their first one on. After
 * a color come objects, after a comma styles. asked: somebody wants to see words though nothing is typed.
 */
export function complete(
  text: string,
  caret: number,
  vocabulary: Vocabulary,
  kind: Kind,
  asked = false,
): Offers | null {
  const { backgrounds, objects, colors, styles } = vocabulary;
  if (backgrounds.length + objects.length === 0) return null;
  const before = text.slice(0, caret);
  const to = caret + (/^[\p{L}\p{N}'-]*/u.exec(text.slice(caret))?.[0].length ?? 0);
  const clause = Math.max(before.lastIndexOf(","), before.lastIndexOf(";"), before.lastIndexOf(".")) + 1;
  const starts = [...before.slice(clause).matchAll(WORD)].map((match) => clause + (match.index ?? 0));
  const begun = /[\p{L}\p{N}'-]$/u.test(before);
  const typed = (from: number) => before.slice(from).toLowerCase().replace(/\s+/g, " ");

  const names = kind === "region" ? [...objects, ...backgrounds] : [...backgrounds, ...objects];
  const colored = (at: number) => {
    const last = before.slice(clause, at).trim().split(/\s+/).at(-1)?.toLowerCase();
    return colors.some((color) => color.toLowerCase() === last);
  };

  // A name of several words of which the first are there.
  for (const from of starts.slice(-LONGEST_NAME)) {
    const some = typed(from).includes(" ") ? names.filter((name) => rank(name, typed(from)) === 0) : [];
    const words = some.filter((name) => name.toLowerCase() !== typed(from));
    if (words.length) return { from, to, words: words.slice(0, MOST_OFFERS) };
  }

  if (begun) {
    const from = starts.at(-1) as number;
    const piece = typed(from);
    const first = colored(from) ? objects : clause > 0 ? styles : [];
    const all = [...new Set([...first, ...names, ...colors, ...styles])];
    const words = ([0, 1, 2] as const)
      .flatMap((place) => all.filter((word) => rank(word, piece) === place))
      .filter((word) => word.toLowerCase() !== piece);
    return words.length ? { from, to, words: words.slice(0, MOST_OFFERS) } : null;
  }

  const words = colored(caret)
    ? objects
    : starts.length === 0 && clause > 0
      ? styles
      : asked && text.trim() === ""
        ? names
        : [];
  return words.length ? { from: caret, to: caret, words: words.slice(0, MOST_OFFERS) } : null;
}

/** The text with a word taken, and where the caret is then: past the space where something has to follow. */
export function take(text: string, { from, to }: Offers, word: string, { colors }: Vocabulary) {
  const rest = text.slice(to);
  const gap = /[\p{L}\p{N},;]$/u.test(text.slice(0, from)) ? " " : "";
  const space = colors.includes(word) && !rest.startsWith(" ") ? " " : "";
  const caret = from + gap.length + word.length + (colors.includes(word) ? 1 : 0);
  return { text: `${text.slice(0, from)}${gap}${word}${space}${rest}`, caret };
}
