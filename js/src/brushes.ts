// Semantic brushes: a saved prompt with its settings, to be painted with again, and the JSON that they travel in.
// semanticdraw_widget/semantic_brushes.py is the same from the other side.

import type { Texts } from "./language";
import { en } from "./languages/en";
import { MAX_PROMPT, MAX_SEED, type Region } from "./scene";

/** What a region keeps when it is saved as a brush; `color` may be "". */
export type Brush = Pick<
  Region,
  "name" | "prompt" | "negative_prompt" | "color" | "strength" | "prompt_strength" | "feather" | "seed"
>;

export const FORMAT = "semanticdraw-brushes";
export const VERSION = 1;
export const MAX_BRUSHES = 256;
/** Bytes of a file. */
export const MAX_FILE = 2 ** 20;
const MAX_NAME = 100;
const MAX_FEATHER = 512;
const FIELDS = [
  "name",
  "prompt",
  "negative_prompt",
  "color",
  "strength",
  "prompt_strength",
  "feather",
  "seed",
] as const;

type Say = Texts["brushFile"];

/** Says what cannot be used, and why. */
export class BrushError extends Error {}

/** A region's prompt and settings. */
export function brushOf(region: Region, brushes: readonly Brush[]): Brush {
  const name = freeName((region.name.trim() || region.prompt.trim()).slice(0, MAX_NAME), brushes);
  const settings = Object.fromEntries(FIELDS.map((field) => [field, region[field]])) as unknown as Brush;
  return { ...settings, prompt: region.prompt.trim(), name };
}

/** What a new region gets from a brush. Its color only if no other region has it: those are told apart by it. */
export function fieldsOf(brush: Brush, regions: readonly Region[]): Partial<Region> {
  const { color, name, ...fields } = brush;
  const free = color && regions.every((region) => region.color !== color);
  return { ...fields, name: name === brush.prompt ? "" : name, ...(free && { color }) };
}

/** The name, with a number after it where it is taken. */
export function freeName(name: string, brushes: readonly Brush[]): string {
  const taken = new Set(brushes.map((brush) => brush.name));
  if (!taken.has(name)) return name;
  for (let i = 2; ; i++) if (!taken.has(`${stem(name)} ${i}`)) return `${stem(name)} ${i}`;
}

/** What a number is put after. */
const stem = (name: string) => name.replace(/ \d+$/, "").slice(0, MAX_NAME - 4);

/** The same brush, be it under the number that it got when it came before. */
function sameBrush(ours: Brush, theirs: Brush): boolean {
  if (FIELDS.some((field) => field !== "name" && ours[field] !== theirs[field])) return false;
  const number = ours.name.slice(stem(theirs.name).length);
  return ours.name === theirs.name || (ours.name.startsWith(stem(theirs.name)) && /^ \d+$/.test(number));
}

/** Whether two lists hold the same. */
export const sameBrushes = (some: readonly Brush[], others: readonly Brush[]) =>
  some.length === others.length &&
  some.every((brush, i) => FIELDS.every((field) => brush[field] === others[i]?.[field]));

/** Both; theirs get a number where the name is taken by another brush, and the same one is not kept twice. */
export function joined(ours: readonly Brush[], theirs: readonly Brush[], say: Say): Brush[] {
  const result = [...ours];
  for (const brush of theirs) {
    if (!result.some((other) => sameBrush(other, brush)))
      result.push({ ...brush, name: freeName(brush.name, result) });
  }
  if (result.length > MAX_BRUSHES) throw new BrushError(say.tooMany(MAX_BRUSHES, result.length));
  return result;
}

/** All of ours, and of theirs as many as there is room for, as `joined` has them. */
export function merged(ours: readonly Brush[], theirs: readonly Brush[]): readonly Brush[] {
  return theirs.reduce<readonly Brush[]>(
    (all, one) => (all.length < MAX_BRUSHES ? joined(all, [one], en.brushFile) : all),
    ours,
  );
}

/** The `brushes` trait; what is no brush is passed over. */
export function readBrushes(value: unknown): Brush[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    try {
      return [checkBrush(item, en.brushFile)];
    } catch {
      return [];
    }
  });
}

// ---------------------------------------------------------------- files

export const toJson = (brushes: readonly Brush[]) =>
  `${JSON.stringify({ format: FORMAT, version: VERSION, brushes }, null, 1)}\n`;

/** The brushes in the text of a file. Throws BrushError. */
export function fromJson(text: string, say: Say): Brush[] {
  if (text.length > MAX_FILE) throw new BrushError(say.tooLarge(MAX_FILE));
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new BrushError(say.noJson((error as Error).message));
  }
  if (!isObject(found) || found.format !== FORMAT) throw new BrushError(say.otherFile(FORMAT));
  const { version, brushes } = found;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > VERSION) {
    throw new BrushError(say.otherVersion(show(version), VERSION));
  }
  const unknown = Object.keys(found).find((key) => !["format", "version", "brushes"].includes(key));
  if (unknown !== undefined) throw new BrushError(say.unknownPart(show(unknown)));
  if (!Array.isArray(brushes)) throw new BrushError(say.noList(show(brushes)));
  if (brushes.length > MAX_BRUSHES) throw new BrushError(say.tooMany(MAX_BRUSHES, brushes.length));
  const checked = brushes.map((brush) => checkBrush(brush, say));
  const twice = checked.find(({ name }, i) => checked.findIndex((other) => other.name === name) < i);
  if (twice) throw new BrushError(say.twice(show(twice.name)));
  return checked;
}

function checkBrush(value: unknown, say: Say): Brush {
  if (!isObject(value)) throw new BrushError(say.noObject(show(value)));
  const unknown = Object.keys(value).find((key) => !(FIELDS as readonly string[]).includes(key));
  if (unknown !== undefined) throw new BrushError(say.unknownField(unknown.slice(0, 40), FIELDS.join(", ")));
  const { strength = 1, prompt_strength = 1, color = "", feather = null, seed = null } = value;
  const { fields, limits } = say;
  const name = text(fields.name, value.name, MAX_NAME, say);
  const prompt = text(fields.prompt, value.prompt, MAX_PROMPT, say);
  for (const [what, said] of [
    [fields.name, name],
    [fields.prompt, prompt],
  ] as const)
    if (!said) throw new BrushError(say.missing(what));
  const unfit = (what: string, limits: string, found: unknown) =>
    new BrushError(say.unfit(show(name), what, limits, show(found)));
  if (!inRange(strength, 0, 1) || strength === 0) throw unfit(fields.strength, limits.strength, strength);
  if (!inRange(prompt_strength, 0, 1))
    throw unfit(fields.promptStrength, limits.promptStrength, prompt_strength);
  if (feather !== null && !inRange(feather, 0, MAX_FEATHER))
    throw unfit(fields.feather, limits.feather(MAX_FEATHER), feather);
  if (seed !== null && !(Number.isInteger(seed) && inRange(seed, 0, MAX_SEED)))
    throw unfit(fields.seed, limits.seed(MAX_SEED), seed);
  if (typeof color !== "string" || !/^(#[0-9a-f]{6})?$/i.test(color))
    throw unfit(fields.color, limits.color, color);
  return {
    name,
    prompt,
    negative_prompt: text(fields.negativePrompt, value.negative_prompt ?? "", MAX_PROMPT, say),
    color: color.toLowerCase(),
    strength,
    prompt_strength,
    feather: feather as number | null,
    seed: seed as number | null,
  };
}

function text(what: string, value: unknown, most: number, say: Say): string {
  if (typeof value !== "string") throw new BrushError(say.noText(what, show(value)));
  const trimmed = value.trim();
  if (trimmed.length > most) throw new BrushError(say.tooLong(what, trimmed.length, most));
  return trimmed;
}

const inRange = (value: unknown, low: number, high: number): value is number =>
  typeof value === "number" && value >= low && value <= high;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
