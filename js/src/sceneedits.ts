// What can be changed of a scene. Each method is one edit, one step of undo.

import { Edits } from "./edits";
import { fieldsOp, maskOps, type Op } from "./history";
import type { EditName } from "./language";
import { emptyMask, type Mask } from "./mask";
import { nextColor } from "./palette";
import { MAX_PROMPT, newRegion, type Region, type Values } from "./scene";
import { cut } from "./texts";

export abstract class SceneEdits extends Edits {
  addRegion(fields: Partial<Region> = {}): Region | null {
    const region = this.makeRegion(fields);
    const op: Op = { kind: "insert", region, index: this.regions.length };
    return this.edit("new region", [op]) ? region : null;
  }

  removeRegion(id: string): void {
    const index = this.regions.findIndex((region) => region.id === id);
    const region = this.regions[index];
    if (!region) return;
    this.edit("delete", [...this.clearOps(id), { kind: "remove", region, index }]);
  }

  /** `typing`: the edit goes on; the kernel hears of it when the hand rests. */
  updateRegion(id: string, fields: Partial<Region>, typing = false): void {
    const region = this.region(id);
    if (!region) return;
    const op = fieldsOp(region, fields);
    if (Object.keys(op.after).length === 0) return;
    const key = typing ? `${id} ${Object.keys(fields).join()}` : undefined;
    this.edit("edit", [op], key);
  }

  /** To place `index` of the list, the lowest region being 0. */
  moveRegion(id: string, index: number): void {
    if (!this.region(id)) return; // gone while it was dragged
    const before = this.regions.map((region) => region.id);
    const after = before.filter((other) => other !== id);
    after.splice(index, 0, id);
    if (after.join() !== before.join()) this.edit("order", [{ kind: "order", before, after }]);
  }

  setValues(values: Partial<Values>, typing = false): void {
    const before = Object.fromEntries(
      Object.keys(values).map((key) => [key, this[key as keyof Values]]),
    ) as Partial<Values>;
    const changed = Object.keys(values).some((k) => values[k as keyof Values] !== before[k as keyof Values]);
    const key = typing ? Object.keys(values).join() : undefined;
    if (changed) this.edit("edit", [{ kind: "values", before, after: values }], key);
  }

  /** The eye: paints the region or leaves it out. Either ends a solo. */
  setVisible(id: string, visible: boolean): void {
    const region = this.region(id);
    if (!region || this.shows(region) === visible) return;
    const hide = () => [...(region.visible ? [fieldsOp(region, { visible })] : []), ...this.soloOps("")];
    this.edit("edit", visible ? this.showOps(region) : hide());
  }

  /** A whole scene at once, such as an example; it replaces what is there. */
  load(
    scene: { background: string; regions: readonly { fields: Partial<Region>; mask: Mask }[] },
    values: Partial<Values> = {},
    label: EditName = "example",
  ): void {
    const made: Region[] = [];
    const parts = scene.regions.map(({ fields, mask }) => {
      const region = newRegion({ color: nextColor(made.map((r) => r.color)), ...fields });
      made.push(region);
      return { region, mask };
    });
    this.edit(label, this.replacing({ ...values, background: scene.background }, parts));
    this.set({ active: made.at(-1)?.id ?? null });
  }

  /** Changes every prompt that is not empty, the background's too. */
  reword(label: EditName, change: (prompt: string) => string): void {
    const spoken = this.regions.filter((region) => region.prompt.trim());
    const ops: Op[] = spoken
      .map((region) => fieldsOp(region, { prompt: cut(change(region.prompt), MAX_PROMPT) }))
      .filter((op) => Object.keys(op.after).length > 0);
    const before = { background: this.background };
    const after = { background: before.background.trim() && cut(change(before.background), MAX_PROMPT) };
    if (after.background !== before.background) ops.push({ kind: "values", before, after });
    if (ops.length) this.edit(label, ops);
  }

  // ------------------------------------------------------------ operations for edits

  protected makeRegion(fields: Partial<Region>): Region {
    return newRegion({ color: this.nextColor, ...fields });
  }

  /** Takes away all regions, and puts others, other values and another size in their place; masks are of that size. */
  protected replacing(
    values: Partial<Values>,
    parts: readonly { region: Region; mask: Mask }[],
    size = this.size,
  ): Op[] {
    const gone = this.regions.flatMap((region): Op[] => [
      ...this.clearOps(region.id),
      { kind: "remove", region, index: 0 },
    ]);
    const come = parts.flatMap(({ region, mask }, index): Op[] => {
      const insert: Op = { kind: "insert", region, index };
      return [insert, ...maskOps(region.id, emptyMask(mask.width, mask.height), mask)];
    });
    const resized: Op[] =
      size.join() === this.size.join() ? [] : [{ kind: "size", before: this.size, after: size }];
    const keys = Object.keys(values) as (keyof Values)[];
    const before = Object.fromEntries(keys.map((key) => [key, this[key]]));
    return [...gone, ...resized, ...come, { kind: "values", before, after: values }];
  }

  clearOps(id: string): Op[] {
    const mask = this.mask(id);
    return maskOps(id, mask, emptyMask(mask.width, mask.height));
  }

  /** What makes a region be painted that is hidden, or rests while another one is painted alone. */
  showOps(region: Region): Op[] {
    if (this.shows(region)) return [];
    return [...(region.visible ? [] : [fieldsOp(region, { visible: true })]), ...this.soloOps("")];
  }

  /** What paints a region alone; "" for none. */
  soloOps(id: string): Op[] {
    const before = this.alone ? this.solo : "";
    return id === before ? [] : [{ kind: "values", before: { solo: this.solo }, after: { solo: id } }];
  }
}
