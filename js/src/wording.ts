// A color before a prompt's noun and a style at its end: "a red house, watercolor".

import type { Vocabulary } from "./protocol";
import type { Store } from "./store";

const ARTICLE = /^\s*(?:a|an|the)\s+/i;

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyOf = (words: readonly string[]) => `(?:${words.map(escaped).join("|")})`;

function split(prompt: string, colors: readonly string[]): [article: string, color: string, rest: string] {
  const article = ARTICLE.exec(prompt)?.[0] ?? "";
  const rest = prompt.slice(article.length);
  const color = colors.length ? new RegExp(`^${anyOf(colors)}(?=\\s|$)`, "i").exec(rest)?.[0] : undefined;
  return [article, color ?? "", rest.slice(color?.length ?? 0).trimStart()];
}

/** The color that a prompt begins with, as the vocabulary writes it; "" for none. */
export function colorOf(prompt: string, { colors }: Vocabulary): string {
  const [, found] = split(prompt, colors);
  return colors.find((color) => color.toLowerCase() === found.toLowerCase()) ?? "";
}

/** The prompt with another color; "" takes its color away. */
export function withColor(prompt: string, color: string, { colors }: Vocabulary): string {
  const [article, , rest] = split(prompt, colors);
  return `${article}${color && `${color} `}${rest}`;
}

/** The style that a prompt ends with, after a comma; "" for none. */
export function styleOf(prompt: string, { styles }: Vocabulary): string {
  const end = prompt.slice(prompt.lastIndexOf(",") + 1).trim();
  return prompt.includes(",")
    ? (styles.find((style) => style.toLowerCase() === end.toLowerCase()) ?? "")
    : "";
}

/** The prompt in another style; "" takes its style away. An empty prompt stays empty. */
export function withStyle(prompt: string, style: string, vocabulary: Vocabulary): string {
  const plain = styleOf(prompt, vocabulary)
    ? prompt.slice(0, prompt.lastIndexOf(",")).trimEnd()
    : prompt.trimEnd();
  return plain.trim() && style ? `${plain}, ${style}` : plain;
}

/** What the prompt shows, without article, color and style. */
export function noun(prompt: string, vocabulary: Vocabulary): string {
  return split(withStyle(prompt, "", vocabulary), vocabulary.colors)[2]
    .trim()
    .toLowerCase();
}

/** The style of the scene: what all of its prompts end with, or where there are none, what was chosen last. */
export function sceneStyle({ background, regions, style, vocabulary }: Store): string {
  const prompts = [background, ...regions.map((region) => region.prompt)].filter((prompt) => prompt.trim());
  const found = new Set(prompts.map((prompt) => styleOf(prompt, vocabulary)));
  if (found.size === 0) return vocabulary.styles.includes(style) ? style : "";
  return found.size === 1 ? ([...found][0] as string) : "";
}

/** A word of the vocabulary as a prompt: in the chosen color and in the style of the scene. */
export function promptOf(word: string, store: Store): string {
  const { vocabulary, color } = store;
  const colored = vocabulary.objects.includes(word) && vocabulary.colors.includes(color);
  return withStyle(colored ? `${color} ${word}` : word, sceneStyle(store), vocabulary);
}
