// Semantic brushes: a saved prompt with its settings, to be painted with again, and the JSON that they travel in.
// semanticdraw_widget/semantic_brushes.py is the same from the other side.

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
export function joined(ours: readonly Brush[], theirs: readonly Brush[]): Brush[] {
  const result = [...ours];
  for (const brush of theirs) {
    if (!result.some((other) => sameBrush(other, brush)))
      result.push({ ...brush, name: freeName(brush.name, result) });
  }
  if (result.length > MAX_BRUSHES) throw tooMany(result.length);
  return result;
}

/** All of ours, and of theirs as many as there is room for, as `joined` has them. */
export function merged(ours: readonly Brush[], theirs: readonly Brush[]): readonly Brush[] {
  return theirs.reduce<readonly Brush[]>(
    (all, one) => (all.length < MAX_BRUSHES ? joined(all, [one]) : all),
    ours,
  );
}

/** The `brushes` trait; what is no brush is passed over. */
export function readBrushes(value: unknown): Brush[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    try {
      return [checkBrush(item)];
    } catch {
      return [];
    }
  });
}

// ---------------------------------------------------------------- files

export const toJson = (brushes: readonly Brush[]) =>
  `${JSON.stringify({ format: FORMAT, version: VERSION, brushes }, null, 1)}\n`;

/** The brushes in the text of a file. Throws BrushError. */
export function fromJson(text: string): Brush[] {
  if (text.length > MAX_FILE) throw new BrushError(`a file of brushes has at most ${MAX_FILE} bytes`);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new BrushError(`a file of brushes is JSON, but this does not parse: ${(error as Error).message}`);
  }
  if (!isObject(found) || found.format !== FORMAT)
    throw new BrushError(`this is no file of brushes: those say "format": "${FORMAT}"`);
  const { version, brushes } = found;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > VERSION) {
    throw new BrushError(
      `these brushes are of version ${show(version)}; this release reads version ${VERSION}. ` +
        "A newer release of semanticdraw_widget may read them",
    );
  }
  const unknown = Object.keys(found).find((key) => !["format", "version", "brushes"].includes(key));
  if (unknown !== undefined)
    throw new BrushError(`a file of brushes has format, version and brushes, not ${show(unknown)}`);
  if (!Array.isArray(brushes)) throw new BrushError(`brushes are a list, not ${show(brushes)}`);
  if (brushes.length > MAX_BRUSHES) throw tooMany(brushes.length);
  const checked = brushes.map(checkBrush);
  const twice = checked.find(({ name }, i) => checked.findIndex((other) => other.name === name) < i);
  if (twice) throw new BrushError(`two brushes have the name ${show(twice.name)}; rename one`);
  return checked;
}

function checkBrush(value: unknown): Brush {
  if (!isObject(value)) throw new BrushError(`a brush is an object, not ${show(value)}`);
  const unknown = Object.keys(value).find((key) => !(FIELDS as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw new BrushError(`a brush has no ${unknown.slice(0, 40)}; it has ${FIELDS.join(", ")}`);
  const { strength = 1, prompt_strength = 1, color = "", feather = null, seed = null } = value;
  const name = text("name", value.name, MAX_NAME);
  const prompt = text("prompt", value.prompt, MAX_PROMPT);
  for (const [what, said] of [
    ["name", name],
    ["prompt", prompt],
  ])
    if (!said) throw new BrushError(`a brush has a ${what}, text of at least one letter`);
  const say = (what: string, limits: string, found: unknown) =>
    new BrushError(`the brush ${show(name)} cannot be used: the ${what} is ${limits}, not ${show(found)}`);
  if (!inRange(strength, 0, 1) || strength === 0)
    throw say("strength", "a number above 0 and at most 1", strength);
  if (!inRange(prompt_strength, 0, 1)) throw say("prompt strength", "a number, 0 to 1", prompt_strength);
  if (feather !== null && !inRange(feather, 0, MAX_FEATHER))
    throw say("feather", `a number, 0 to ${MAX_FEATHER}, or null`, feather);
  if (seed !== null && !(Number.isInteger(seed) && inRange(seed, 0, MAX_SEED)))
    throw say("seed", `a whole number, 0 to ${MAX_SEED}, or null`, seed);
  if (typeof color !== "string" || !/^(#[0-9a-f]{6})?$/i.test(color))
    throw say("color", "written '#rrggbb'", color);
  return {
    name,
    prompt,
    negative_prompt: text("negative prompt", value.negative_prompt ?? "", MAX_PROMPT),
    color: color.toLowerCase(),
    strength,
    prompt_strength,
    feather: feather as number | null,
    seed: seed as number | null,
  };
}

function text(what: string, value: unknown, most: number): string {
  if (typeof value !== "string")
    throw new BrushError(`a brush has a ${what}, which is text, not ${show(value)}`);
  const trimmed = value.trim();
  if (trimmed.length > most)
    throw new BrushError(`the ${what} of a brush has ${trimmed.length} characters; shorten it to ${most}`);
  return trimmed;
}

const inRange = (value: unknown, low: number, high: number): value is number =>
  typeof value === "number" && value >= low && value <= high;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const tooMany = (count: number) =>
  new BrushError(`a canvas has at most ${MAX_BRUSHES} brushes, not ${count}; remove some`);

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
