// What comes from outside: edits of Python's, each a step of undo like one's own, and those of other pages, which their
// own pages take back. The kernel has them already, so nothing of this is told.

import { now } from "./frames";
import { Hand } from "./hand";
import { type MaskOp, maskOp, maskOps, type Op } from "./history";
import type { EditName } from "./language";
import { copyMask, differingBox, emptyMask, joinBoxes, type Mask, paste } from "./mask";
import { Piece } from "./piece";
import { regionOps } from "./regionops";
import type { Region, Values } from "./scene";

/** Who has made an edit. What came before this page did is "page", too: there is nothing to take back. */
export type Origin = "python" | "page";

type Size = readonly [width: number, height: number];

/** How the canvas is looked at, and when it paints: no part of the drawing. */
const TUNED: readonly string[] = ["paused", "outlines_only", "grid", "side_by_side", "opacity"];

export class Taken extends Hand {
  /** What Python has changed in this turn: the traits of one message are one edit. */
  private taken: Op[] = [];

  /** The regions as merged with those of the kernel; a region that is gone takes its stroke along. */
  takeRegions(regions: readonly Region[], from: Origin = "page"): void {
    const { stroke } = this;
    if (stroke && !regions.some(({ id }) => id === stroke.region)) this.dropStroke();
    const ops = regionOps(this.regions, regions, (id) => this.clearOps(id));
    for (const op of ops) if (op.kind === "mask") this.applyOne(op);
    this.regions = regions;
    if (!this.region(this.active)) this.active = regions.at(-1)?.id ?? null;
    this.emit("regions", undefined);
    this.note(ops, from);
  }

  /** A mask. The stroke in progress stays on top of it. */
  takeMask(id: string, mask: Mask, from: Origin = "page"): void {
    const here = this.masks.get(id);
    const fits = here && here.width === mask.width && here.height === mask.height;
    const old = fits ? here : emptyMask(mask.width, mask.height);
    const stroke = fits && this.stroke?.region === id ? this.stroke : null;
    const box = differingBox(stroke?.before ?? old, mask);
    if (fits && !box) return;
    if (box && from === "python") this.note([maskOp(id, box, stroke?.before ?? old, mask)], from);
    if (stroke) stroke.rebase(mask);
    else if (fits) paste(old, [0, 0, mask.width, mask.height], mask);
    else this.masks.set(id, copyMask(mask));
    // A transform that waits puts the new pixels anywhere.
    this.emit("mask", { region: id, box: stroke || !fits ? null : box });
  }

  /** Values of the canvas. With another size, of which no mask is known, all that could be taken back is over. */
  takeValues(values: Partial<Values & { size: Size }>, from: Origin = "page"): void {
    const { size, ...others } = values;
    if (size && size.join() !== this.size.join()) {
      this.stroke = null;
      this.taken = [];
      this.history.clear();
      this.masks.clear();
    }
    const keys = (Object.keys(others) as (keyof Values)[]).filter((key) => !TUNED.includes(key));
    const changed = keys.filter((key) => !sameValue(this[key], others[key]));
    const pick = (of: Partial<Values>) => Object.fromEntries(changed.map((key) => [key, of[key]]));
    const op: Op = { kind: "values", before: pick(this), after: pick(others) };
    Object.assign(this, values);
    this.set({});
    this.emit("values", undefined);
    this.emit("history", undefined);
    if (changed.length) this.note([op], from);
  }

  /** Python has set another size, and with it the masks, by region. */
  takeSize(size: Size, masks: ReadonlyMap<string, Mask>): void {
    this.dropStroke();
    const regions = this.regions.map(({ id }) => id);
    const ops: Op[] = [
      ...regions.flatMap((id) => this.clearOps(id)),
      { kind: "size", before: this.size, after: size },
      ...regions.flatMap((id) => maskOps(id, emptyMask(...size), masks.get(id) ?? emptyMask(...size))),
    ];
    this.apply(ops);
    this.emit("history", undefined);
    this.note(ops, "python");
  }

  /** A whole scene that Python has laid out: one step of undo. */
  takeScene(
    label: string,
    values: Partial<Values>,
    regions: readonly { region: Region; mask: Mask }[],
    size = this.size,
  ): void {
    this.dropStroke();
    const ops = this.replacing(values, regions, size);
    this.apply(ops);
    this.record(label, ops);
    this.set({ active: regions.at(-1)?.region.id ?? null });
  }

  /** What the stroke that goes on has drawn is gone. */
  dropStroke(): void {
    this.stroke?.takeBack();
    this.stroke = null;
  }

  override edit(label: EditName, ops: readonly Op[], key?: string): boolean {
    this.recordTaken();
    return super.edit(label, ops, key);
  }

  override undo(): void {
    this.recordTaken();
    super.undo();
  }

  override redo(): void {
    this.recordTaken();
    super.redo();
  }

  protected override record(...entry: Parameters<Hand["record"]>): void {
    this.recordTaken();
    super.record(...entry);
  }

  // ------------------------------------------------------------ one edit for what comes at once

  private note(ops: readonly Op[], from: Origin): void {
    if (from !== "python" || ops.length === 0) return;
    if (this.taken.length === 0) queueMicrotask(() => this.recordTaken());
    this.taken.push(...ops);
  }

  /** Edits of the same things in a row are one, as those of a slider or an animation, also of several in turn. */
  private recordTaken(): void {
    if (this.taken.length === 0) return;
    const ops = this.taken;
    this.taken = [];
    const parts = ops.flatMap(partsOf);
    if (ops.some((op) => partsOf(op).length === 0) || new Set(parts).size < parts.length) {
      super.record("python", ops);
      return;
    }
    const key = `python ${parts.join("|")}`;
    const earlier = this.history.goesOn({ key, parts, time: now() });
    const wide = ops.map((op, i) => (op.kind === "mask" ? this.widened(op, earlier?.ops[i]) : op));
    super.record("python", wide, key, parts);
  }

  /** The operation on a box that holds the earlier one's too, so that both can be one. */
  private widened(op: MaskOp, earlier: Op | undefined): Op {
    if (earlier?.kind !== "mask") return op;
    const box = joinBoxes(op.box, earlier.box) ?? op.box;
    const after = this.stroke?.region === op.region ? this.stroke.before : this.mask(op.region);
    const before = copyMask(after);
    paste(before, op.box, op.before.mask);
    return { ...op, box, before: new Piece(before, box), after: new Piece(after, box) };
  }
}

/** What an operation changes; nothing for one that cannot be one with a later one. */
function partsOf(op: Op): string[] {
  if (op.kind === "mask") return [`mask ${op.region}`];
  if (op.kind === "fields") return Object.keys(op.after).map((field) => `${op.region} ${field}`);
  return op.kind === "values" ? Object.keys(op.after) : [];
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof DataView && b instanceof DataView) {
    if (a.byteLength !== b.byteLength) return false;
    for (let i = 0; i < a.byteLength; i++) if (a.getUint8(i) !== b.getUint8(i)) return false;
    return true;
  }
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}
