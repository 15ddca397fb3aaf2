// The hand that draws: a stroke goes into the mask at once, and is one edit when the pen is lifted.

import { invert, maskOp, type Op } from "./history";
import type { EditName } from "./language";
import type { Box, Mask } from "./mask";
import type { Region } from "./scene";
import { SceneEdits } from "./sceneedits";
import type { StateKey } from "./storeevents";
import { Stroke } from "./stroke";
import { title } from "./texts";

export class Hand extends SceneEdits {
  /** The region that the hand draws in; undefined while there is none. */
  get target(): Region | undefined {
    return this.region(this.active) ?? this.regions.at(-1);
  }

  /** Whether the hand can draw now. A locked region refuses. */
  canDraw(value: 0 | 255): boolean {
    const { target } = this;
    if (this.stroke) return false;
    if (target?.locked) {
      this.emit("refused", this.texts.regions.locked(title(this, target)));
      return false;
    }
    return target !== undefined || value !== 0;
  }

  /** The pen goes down; null if it cannot paint here. Without any region it makes the first one. */
  beginStroke(value: 0 | 255): Stroke | null;
  beginStroke<S extends Stroke>(
    value: 0 | 255,
    Kind: new (...parts: ConstructorParameters<typeof Stroke>) => S,
  ): S | null;
  beginStroke(value: 0 | 255, Kind = Stroke): Stroke | null {
    if (!this.canDraw(value)) return null;
    const { target } = this;
    const ops: Op[] = [];
    const region = target ?? this.makeRegion({});
    if (!target) ops.push({ kind: "insert", region, index: this.regions.length });
    if (target) ops.push(...this.showOps(target));
    this.apply(ops);
    this.active = region.id;
    const mask = this.mask(region.id);
    const stroke = new Kind(region.id, mask, value, ops, (box, final, after) => {
      // At the end the box is that of the whole stroke, most of which is on screen: to draw it again takes long.
      const news = final ? stroke.unseen : box;
      if (news) this.emit("mask", { region: region.id, box: news });
      this.emit("edited", { patch: { region: region.id, box, final, ...(after && { after }) } });
    });
    this.stroke = stroke;
    this.emit("ui", undefined);
    this.emit("stroke", { active: true, region: region.id, created: !target });
    return stroke;
  }

  /** The pen is lifted; with `keep` false the stroke is taken back. `label` names it among the edits. */
  endStroke(keep = true, label?: EditName): void {
    const stroke = this.stroke;
    if (!stroke) return;
    this.stroke = null;
    if (!keep) stroke.takeBack();
    const { region, box, ops } = stroke;
    const drawn = keep && box ? maskOp(region, box, stroke.before, this.mask(region)) : null;
    if (drawn) {
      this.record(label ?? stroke.label ?? (stroke.value ? "stroke" : "erasing"), [...ops, drawn]);
    } else if (keep && ops.length) {
      this.record("region", ops);
    } else {
      this.apply(ops.map(invert).reverse());
    }
    stroke.finish(drawn?.after);
    const state: StateKey[] = ops.length ? ["regions", "masks"] : ["masks"];
    if (ops.some((op) => op.kind === "values")) state.push("solo");
    if (ops.length || box) this.emit("edited", { state });
    this.emit("stroke", { active: false, region, created: ops[0]?.kind === "insert" });
  }

  /** Draws a shape as one stroke. If it changes no pixel nothing is done, and `unchanged` says why. */
  fill(
    label: EditName,
    value: 0 | 255,
    draw: (mask: Mask, region: string) => Box | null,
    unchanged?: string,
  ): void {
    const stroke = this.beginStroke(value);
    if (!stroke) return;
    stroke.fill(draw);
    this.endStroke(stroke.box !== null, label);
    if (!stroke.box && unchanged) this.emit("refused", unchanged);
  }
}
