// In which language the canvas speaks. One more is a file beside de.ts and a line here; see docs/translation.md.

import { de } from "./languages/de";
import { en, type Texts } from "./languages/en";

export type { EditName, Texts } from "./languages/en";

/** By the main part of a BCP 47 tag; semanticdraw_widget/canvas_values.py lists the same. */
export const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The texts of the first wanted language that there is, as "de" for "de-AT"; English if there is none. */
export function textsFor(...wanted: unknown[]): Texts {
  for (const tag of wanted) {
    const main = typeof tag === "string" ? tag.toLowerCase().split(/[-_]/, 1)[0] : "";
    const found = Object.hasOwn(LANGUAGES, main || "-") ? LANGUAGES[main as string] : undefined;
    if (found) return found;
  }
  return en;
}

/** The page's own language; "" where it tells none. */
export const pageLanguage = (): string => globalThis.document?.documentElement?.lang ?? "";
