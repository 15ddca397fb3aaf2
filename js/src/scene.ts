// What the traits of a scene hold, and how an edit of Python's meets one of ours.

import type { Brush } from "./brushes";

/** Values of the canvas itself, beside its regions; each is a trait of that name. */
export interface Values {
  readonly background: string;
  readonly seed: number;
  /** 0 for the model's own. */
  readonly steps: number;
  /** null for the model's own. */
  readonly guidance: number | null;
  readonly mode: string;
  /** How guidance works. */
  readonly cfg: string;
  /** How a moving pen is followed. */
  readonly scheduling: string;
  /** Id of the one region that is painted while the others rest; "" or the id of none for all that are visible. */
  readonly solo: string;
  /** What every prompt ends with, then what follows that, and what every negative prompt ends with; "" for nothing. */
  readonly style_text: string;
  readonly quality_text: string;
  readonly negative_text: string;
  /** Edits paint nothing. */
  readonly paused: boolean;
  /** How the canvas is looked at. */
  readonly outlines_only: boolean;
  readonly grid: boolean;
  readonly side_by_side: boolean;
  /** Of the tint over the picture, 0 to 1; 0 hides the outlines too. */
  readonly opacity: number;
  readonly brushes: readonly Brush[];
  /** A picture file under the regions; of no bytes for none. */
  readonly background_image: DataView;
}

/** Values that are a word, a number or a flag. */
export const VALUES = [
  "background",
  "seed",
  "steps",
  "guidance",
  "mode",
  "cfg",
  "scheduling",
  "solo",
  "style_text",
  "quality_text",
  "negative_text",
  "paused",
  "outlines_only",
  "grid",
  "side_by_side",
  "opacity",
] as const;

export const ALL_VALUES = [...VALUES, "brushes", "background_image"] as const;

export const NO_PICTURE = new DataView(new ArrayBuffer(0));

export interface Region {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly negative_prompt: string;
  /** "#rrggbb" */
  readonly color: string;
  /** Weight of the mask, above 0 and at most 1. */
  readonly strength: number;
  /** How much the prompt counts against the background's, 0 to 1. */
  readonly prompt_strength: number;
  /** Standard deviation of the edge's blur in px; null for the model's own. */
  readonly feather: number | null;
  /** null for the canvas's own. */
  readonly seed: number | null;
  readonly visible: boolean;
  readonly locked: boolean;
}

export const MAX_REGIONS = 64;
export const MAX_PROMPT = 1000;
export const MAX_SEED = Number.MAX_SAFE_INTEGER;
export const MAX_STEPS = 100;
export const MAX_GUIDANCE = 30;

export function newRegion(fields: Partial<Region>): Region {
  return {
    id: fields.id || newId(),
    name: "",
    prompt: "",
    negative_prompt: "",
    color: "#999999",
    strength: 1,
    prompt_strength: 1,
    feather: null,
    seed: null,
    visible: true,
    locked: false,
    ...stripUndefined(fields),
  };
}

/** Eight hex digits. `crypto.randomUUID` is missing where Jupyter is served over plain http. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Six digits at most: to be read and typed again. */
export function randomSeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] as number) % 1_000_000;
}

function stripUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}

/** Regions as they come over the wire; what is missing or not a region is passed over. */
export function readRegions(value: unknown): Region[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => item && typeof item.id === "string").map((item) => newRegion(item));
}

export function sameRegion(a: Region, b: Region): boolean {
  return (Object.keys(a) as (keyof Region)[]).every((key) => a[key] === b[key]);
}

export function sameRegions(a: readonly Region[], b: readonly Region[]): boolean {
  return a.length === b.length && a.every((region, i) => sameRegion(region, b[i] as Region));
}

/**
 * Both sides have changed `base`, the list they last agreed on. Field by field, what Python changed wins, and
 * what only we changed stays; so does a region that Python has not heard of yet.
 */
export function mergeRegions(
  base: readonly Region[],
  ours: readonly Region[],
  theirs: readonly Region[],
): Region[] {
  const find = (list: readonly Region[], id: string) => list.find((region) => region.id === id);
  const merged = new Map<string, Region>();
  for (const their of theirs) {
    const our = find(ours, their.id);
    const common = find(base, their.id);
    if (our) merged.set(their.id, mergeFields(common, our, their));
    else if (!common) merged.set(their.id, their);
  }
  const news = ours.filter((region) => !find(theirs, region.id) && !find(base, region.id));
  for (const region of news) merged.set(region.id, region);

  const ids = (list: readonly Region[], among: readonly Region[]) =>
    list.filter((region) => find(among, region.id)).map((region) => region.id);
  const theyReordered = ids(theirs, base).join() !== ids(base, theirs).join();
  const order = theyReordered ? [...theirs, ...news].map((region) => region.id) : interleave(ours, theirs);
  return order.flatMap((id) => merged.get(id) ?? []);
}

/** The ids of one list, and among them those that only the other has, each above what it lies on there. */
function interleave(list: readonly Region[], others: readonly Region[]): string[] {
  const known = new Set(others.map((region) => region.id));
  const order = list.map((region) => region.id);
  others.forEach(({ id }, i) => {
    if (order.includes(id)) return;
    let place = order.indexOf(others[i - 1]?.id ?? "") + 1;
    // What only the first list has on that same place came first.
    while (i > 0 && place < order.length && !known.has(order[place] as string)) place++;
    order.splice(place, 0, id);
  });
  return order;
}

function mergeFields(base: Region | undefined, ours: Region, theirs: Region): Region {
  if (!base) return theirs;
  const keys = Object.keys(theirs) as (keyof Region)[];
  return Object.fromEntries(
    keys.map((key) => [key, theirs[key] === base[key] ? ours[key] : theirs[key]]),
  ) as unknown as Region;
}
