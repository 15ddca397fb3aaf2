// Numbers, times, plurals and keys in the way of a language.

/** The language as the browser's own user has it, as in "en-GB", since numbers and times differ from land to land. */
function localeOf(language: string): string {
  const own = globalThis.navigator?.languages ?? [];
  return own.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

type Forms = { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

export function formats(language: string) {
  const locale = localeOf(language);
  const plurals = new Intl.PluralRules(language);
  /** With so many digits after the point at most, and so many at least. */
  const number = (value: number, most = 0, least = 0) =>
    value.toLocaleString(locale, {
      maximumFractionDigits: most,
      minimumFractionDigits: least,
      useGrouping: "min2",
    });
  return {
    number,
    /** The form that the language has for the number: one, two, few, many or other. */
    plural: (count: number, forms: Forms) => forms[plurals.select(count)] ?? forms.other,
    /** A time of today as 16:40, of another day with its date; `at` in ms since 1970. */
    clock(at: number): string {
      const time = new Date(at);
      const today = time.toDateString() === new Date().toDateString();
      const minutes = { hour: "2-digit", minute: "2-digit" } as const;
      return today
        ? time.toLocaleTimeString(locale, minutes)
        : time.toLocaleString(locale, { ...minutes, day: "numeric", month: "short" });
    },
  };
}

/** What stands on keys, by the names that the code has for them: Ctrl, Shift, Alt, Enter, Esc, Del, Space, Arrows. */
export const keyNames = (names: Readonly<Record<string, string>>) => (keys: string) =>
  keys.replace(/\p{L}{2,}/gu, (word) => names[word] ?? word);
