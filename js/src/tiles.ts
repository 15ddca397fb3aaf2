// How the model's words look: one picture with a tile for each background and then each object, twelve to a row.

import { type Endings, h } from "./dom";
import type { Store } from "./store";

const A_ROW = 12;

/** Gives every tile under `root` its picture, by one URL for all of them. */
export function tilePicture(root: HTMLElement, store: Store, endings: Endings): void {
  let blob: Blob | null = null;
  let url = "";
  const drop = () => {
    if (url) URL.revokeObjectURL(url);
    url = "";
  };
  const show = () => {
    if (store.tiles === blob) return;
    drop();
    blob = store.tiles;
    if (blob) url = URL.createObjectURL(blob);
    root.style.setProperty("--sd-tiles", url ? `url("${url}")` : "none");
  };
  endings.add(store.on("words", show), drop);
  show();
}

/** A word's picture; null if the model has none. */
export function tile(word: string, { tiles, vocabulary }: Store): HTMLElement | null {
  const words = [...vocabulary.backgrounds, ...vocabulary.objects];
  const index = words.indexOf(word);
  if (!tiles || index < 0) return null;
  const rows = Math.ceil(words.length / A_ROW);
  const share = (at: number, of: number) => (of > 1 ? (100 * at) / (of - 1) : 0);
  const element = h("span", "tile", { "aria-hidden": "true" });
  element.style.backgroundSize = `${100 * A_ROW}% ${100 * rows}%`;
  element.style.backgroundPosition = `${share(index % A_ROW, A_ROW)}% ${share(Math.floor(index / A_ROW), rows)}%`;
  return element;
}

const PAINTS: Record<string, string> = {
  red: "#d8453e",
  orange: "#f0902e",
  yellow: "#f3cd3a",
  green: "#47a04b",
  blue: "#3a6fd0",
  purple: "#8a50b0",
  pink: "#ee8fb4",
  white: "#f6f4ee",
  gray: "#8d9297",
  grey: "#8d9297",
  black: "#2c2c31",
  brown: "#8d5f38",
  gold: "#d9a514",
  turquoise: "#35b6b4",
  teal: "#1f8a8a",
  beige: "#e4d5b4",
};

/** What a word for a color looks like; "" for one that is not known, not even to CSS. */
export function paint(word: string): string {
  const known = PAINTS[word.toLowerCase()];
  return known ?? (globalThis.CSS?.supports?.("color", word) ? word : "");
}

/** A dot of the color that a word names; empty if nobody knows it. */
export function swatch(word: string): HTMLElement {
  const dot = h("span", "swatch", { "aria-hidden": "true" });
  dot.style.setProperty("--sd-paint", paint(word) || "transparent");
  return dot;
}
