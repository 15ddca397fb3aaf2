// Undo and redo: what an edit did, small enough to keep many, and exact in both directions.

import { type Box, copyMask, differingBox, type Mask, paste } from "./mask";
import { Piece } from "./piece";
import type { Region, Values } from "./scene";

export type Op =
  /** The pixels of one box, before and after. */
  | { kind: "mask"; region: string; box: Box; before: Piece; after: Piece }
  | { kind: "insert"; region: Region; index: number }
  | { kind: "remove"; region: Region; index: number }
  | { kind: "fields"; region: string; before: Partial<Region>; after: Partial<Region> }
  | { kind: "order"; before: readonly string[]; after: readonly string[] }
  | { kind: "values"; before: Partial<Values>; after: Partial<Values> }
  /** Another canvas size. No mask outlives it. */
  | { kind: "size"; before: Size; after: Size };

export type Size = readonly [width: number, height: number];
export type MaskOp = Extract<Op, { kind: "mask" }>;

export interface Entry {
  readonly label: string;
  readonly ops: readonly Op[];
  /** Edits in a row with the same key are one: the letters of a prompt, the positions of a slider. */
  readonly key?: string;
  /** Names of all that it changes, where others may come between two edits that are one. */
  readonly parts?: readonly string[];
  readonly time: number;
}

const MERGE_WITHIN_MS = 1500;

export class History {
  private readonly done: Entry[] = [];
  private readonly undone: Entry[] = [];
  private unpacked: Piece[] = [];
  private held = false;

  constructor(
    private readonly maxEntries = 200,
    private readonly maxBytes = 64 * 2 ** 20,
  ) {}

  get undoLabel(): string | null {
    return this.done.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.undone.at(-1)?.label ?? null;
  }

  push(entry: Entry): void {
    this.undone.length = 0;
    const earlier = this.goesOn(entry);
    const kept = earlier ? join(earlier, entry) : entry;
    if (earlier) {
      this.drop(earlier);
      this.done[this.done.indexOf(earlier)] = kept;
    } else this.done.push(kept);
    for (const op of kept.ops) if (op.kind === "mask") this.unpacked.push(op.before, op.after);
    while (this.done.length > 1 && (this.done.length > this.maxEntries || this.bytes > this.maxBytes)) {
      this.done.shift();
    }
  }

  /** The entry that an edit would be one with: the last, or one before others that it leaves alone. */
  goesOn({ key, time, parts }: Pick<Entry, "key" | "time" | "parts">): Entry | undefined {
    for (let i = this.done.length - 1; key && i >= 0; i--) {
      const earlier = this.done[i] as Entry;
      if (!earlier.key || (!this.held && time - earlier.time >= MERGE_WITHIN_MS)) return undefined;
      if (earlier.key === key) return earlier;
      if (!parts || !earlier.parts || parts.some((part) => earlier.parts?.includes(part))) return undefined;
    }
    return undefined;
  }

  /** The operations that take the last edit back, in the order in which to apply them. */
  undo(): Op[] {
    const entry = this.done.pop();
    if (!entry) return [];
    this.undone.push(entry);
    this.seal(); // what comes now is a new edit, even of the same field
    return entry.ops.map(invert).reverse();
  }

  redo(): readonly Op[] {
    const entry = this.undone.pop();
    if (!entry) return [];
    this.done.push({ ...entry, key: undefined });
    return entry.ops;
  }

  /** The next edit begins an entry of its own, whatever its key. */
  seal(): void {
    const last = this.done.at(-1);
    if (last?.key) this.done[this.done.length - 1] = { ...last, key: undefined };
  }

  /** A drag begins: its edits are one entry, however long it takes. */
  hold(): void {
    this.seal();
    this.held = true;
  }

  /** The drag has ended. */
  release(): void {
    if (this.held) this.seal();
    this.held = false;
  }

  /** Packs the pixels of one more edit, which then take less room; false if there are none left. */
  pack(): boolean {
    return this.unpacked.shift()?.packed !== undefined;
  }

  /** Nobody wants its pixels packed any more. */
  private drop({ ops }: Entry): void {
    const pieces = new Set(ops.flatMap((op) => (op.kind === "mask" ? [op.before, op.after] : [])));
    if (pieces.size) this.unpacked = this.unpacked.filter((piece) => !pieces.has(piece));
  }

  /** Forgets everything; masks of another size cannot be pasted. */
  clear(): void {
    this.done.length = this.undone.length = this.unpacked.length = 0;
  }

  get bytes(): number {
    return [...this.done, ...this.undone].reduce((sum, entry) => sum + size(entry), 0);
  }
}

export function maskOp(region: string, box: Box, before: Mask, after: Mask): MaskOp {
  return { kind: "mask", region, box, before: new Piece(before, box), after: new Piece(after, box) };
}

/** From one mask to another of its size: the box that differs, or nothing. */
export function maskOps(region: string, before: Mask, after: Mask): Op[] {
  const box = differingBox(before, after);
  return box ? [maskOp(region, box, before, after)] : [];
}

/** Other values for some fields; those that are the same stay out of it. */
export function fieldsOp(region: Region, fields: Partial<Region>): Extract<Op, { kind: "fields" }> {
  const keys = (Object.keys(fields) as (keyof Region)[]).filter((key) => fields[key] !== region[key]);
  const pick = (from: Partial<Region>) => Object.fromEntries(keys.map((key) => [key, from[key]]));
  return { kind: "fields", region: region.id, before: pick(region), after: pick(fields) };
}

export function invert(op: Op): Op {
  switch (op.kind) {
    case "insert":
      return { ...op, kind: "remove" };
    case "remove":
      return { ...op, kind: "insert" };
    case "mask":
      return { ...op, before: op.after, after: op.before };
    case "fields":
      return { ...op, before: op.after, after: op.before };
    case "order":
      return { ...op, before: op.after, after: op.before };
    case "values":
      return { ...op, before: op.after, after: op.before };
    case "size":
      return { ...op, before: op.after, after: op.before };
  }
}

/**
 * Two edits of the same things as one: the old values of the first, the new ones of the second. The box of a second
 * mask holds that of the first.
 */
function join(first: Entry, second: Entry): Entry {
  const ops = first.ops.map((op, i): Op => {
    const next = second.ops[i];
    if (op.kind === "fields" && next?.kind === "fields") return { ...op, after: next.after };
    if (op.kind === "values" && next?.kind === "values") return { ...op, after: next.after };
    if (op.kind === "mask" && next?.kind === "mask") return { ...next, before: overlaid(op, next) };
    return op;
  });
  return { ...second, ops };
}

/** The pixels of the second box before the first edit. */
function overlaid(first: MaskOp, second: MaskOp): Piece {
  const pixels = copyMask(second.before.mask);
  const [x, y, width, height] = first.box;
  paste(pixels, [x - second.box[0], y - second.box[1], width, height], first.before.mask);
  return new Piece(pixels, [0, 0, pixels.width, pixels.height]);
}

function size(entry: Entry): number {
  return entry.ops.reduce(
    (sum, op) => sum + 100 + (op.kind === "mask" ? op.before.size + op.after.size : 0) + pictures(op),
    0,
  );
}

const pictures = (op: Op) =>
  op.kind === "values"
    ? [op.before, op.after].reduce((sum, values) => sum + (values.background_image?.byteLength ?? 0), 0)
    : 0;
