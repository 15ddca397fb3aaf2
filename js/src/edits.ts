// Every change of the scene goes through here: as operations, which are applied, told and recorded, and so can be
// taken back.

import { now } from "./frames";
import type { Entry, Op } from "./history";
import { whenIdle } from "./idle";
import type { EditName } from "./language";
import { paste } from "./mask";
import { ALL_VALUES, MAX_REGIONS, type Region, type Values } from "./scene";
import type { StateKey } from "./storeevents";
import { StoreState } from "./storestate";

export abstract class Edits extends StoreState {
  private packing: (() => void) | null = null;

  /** An edit ends the stroke that goes on. */
  abstract endStroke(keep?: boolean): void;

  /** One step of undo; false if there would be too many regions. */
  edit(label: EditName, ops: readonly Op[], key?: string): boolean {
    if (this.stroke) this.endStroke();
    const grows = ops.filter((op) => op.kind === "insert").length;
    const shrinks = ops.filter((op) => op.kind === "remove").length;
    if (grows > shrinks && this.regions.length + grows - shrinks > MAX_REGIONS) {
      this.emit("refused", this.texts.regions.most(MAX_REGIONS));
      return false;
    }
    this.applyAndTell(ops, key !== undefined);
    this.record(label, ops, key);
    return true;
  }

  protected record(label: string, ops: readonly Op[], key?: string, parts?: readonly string[]): void {
    const entry: Entry = { label, ops, time: now(), ...(key && { key }), ...(parts && { parts }) };
    this.history.push(entry);
    this.packing ??= whenIdle(() => {
      const more = this.history.pack();
      if (!more) this.packing = null;
      return more;
    });
    this.emit("history", undefined);
  }

  /** Changes what is no part of the drawing: there is nothing to take back. `typing`: it goes on. */
  tune(values: Partial<Values>, typing = false): void {
    this.applyAndTell([{ kind: "values", before: {}, after: values }], typing);
  }

  undo(): void {
    if (this.stroke?.waits) this.endStroke(false);
    else if (!this.stroke) this.applyAndTell(this.history.undo());
  }

  redo(): void {
    if (!this.stroke) this.applyAndTell(this.history.redo());
  }

  // ------------------------------------------------------------ applying

  protected applyAndTell(ops: readonly Op[], typing = false): void {
    const state = this.apply(ops);
    // Where the size changes, too, masks go out whole, beside it.
    for (const op of state.has("size") ? [] : ops) {
      if (op.kind === "mask") this.emit("edited", { patch: { ...op, final: true } });
    }
    if (state.size) this.emit("edited", { state: [...state], typing });
    this.emit("history", undefined);
  }

  protected apply(ops: readonly Op[]): Set<StateKey> {
    const touched = new Set<StateKey>();
    for (const op of ops) for (const key of this.applyOne(op)) touched.add(key);
    if (touched.has("regions")) {
      if (!this.region(this.active)) this.active = this.regions.at(-1)?.id ?? null;
      this.emit("regions", undefined);
    }
    if (touched.has("size") || ALL_VALUES.some((key) => touched.has(key))) this.emit("values", undefined);
    return touched;
  }

  protected applyOne(op: Op): StateKey[] {
    switch (op.kind) {
      case "mask": {
        const mask = this.mask(op.region);
        const [x, y, width, height] = op.box;
        if (x + width > mask.width || y + height > mask.height) return [];
        paste(mask, op.box, op.after.mask);
        this.emit("mask", { region: op.region, box: op.box });
        return ["masks"];
      }
      case "insert":
        this.regions = this.regions.toSpliced(op.index, 0, op.region);
        this.active = op.region.id;
        return ["regions", "masks"];
      case "remove": {
        const place = this.regions.findIndex((region) => region.id === op.region.id);
        // The hand goes on with the one below; after a merger that is what the region has become.
        if (this.active === op.region.id) this.active = this.regions[place - 1]?.id ?? null;
        this.regions = this.regions.filter((region) => region.id !== op.region.id);
        return ["regions", "masks"];
      }
      case "fields":
        this.regions = this.regions.map((r) => (r.id === op.region ? { ...r, ...op.after } : r));
        return ["regions"];
      case "order": {
        const place = (region: Region) => (op.after.indexOf(region.id) + 1 || op.after.length + 1) - 1;
        this.regions = [...this.regions].sort((a, b) => place(a) - place(b));
        return ["regions"];
      }
      case "size":
        this.size = op.after;
        this.masks.clear();
        this.set({});
        this.emit("values", undefined);
        return ["size", "masks"];
      case "values":
        Object.assign(this, op.after);
        return Object.keys(op.after) as StateKey[];
    }
  }
}
