// People's own words in our sentences: in any script, and never cut within a character.

import type { Texts } from "./language";
import type { Region } from "./scene";

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const [FIRST_STRONG_ISOLATE, POP_ISOLATE] = ["\u2068", "\u2069"];

/** Words that run from right to left, so that they do not turn the order of what stands around them. */
export function isolate(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;
}

/** Each quotation of a sentence by itself. */
export const isolateQuotes = (sentence: string) =>
  sentence.replace(/"([^"]*)"/g, (_, quoted: string) => `"${isolate(quoted)}"`);

/** At most so many characters as people count them, the last one "…" if some are missing. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text),
    ({ segment }) => segment,
  );
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

/** How people know a region. */
export function title({ texts }: { readonly texts: Texts }, { name, prompt }: Region): string {
  const text = (name || prompt).trim();
  return text ? texts.quoted(isolate(shorten(text, LONG))) : texts.regions.unnamed;
}

const LONG = 40;

/** At most so many UTF-16 units, as `maxlength` counts, and no half of a pair, which no kernel can read. */
export const cut = (text: string, most: number) => text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
