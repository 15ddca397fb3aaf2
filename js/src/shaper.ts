// The shape tools: from presses and moves of a pointer to one filled shape, written when it is complete. Knows
// neither the DOM nor what the draft of a shape looks like.

import { emptyMask, type Mask, SUBPIXELS } from "./mask";
import { pick } from "./pick";
import { fillEllipse, fillPolygon, fillRectangle, flood } from "./shapes";
import { addSimilar, type Pixels } from "./similar";
import type { Store } from "./store";
import { subpixel } from "./stroke";

export const SHAPE_TOOLS = ["rectangle", "ellipse", "lasso", "bucket", "magic"] as const;
export type ShapeTool = (typeof SHAPE_TOOLS)[number];

export const isShapeTool = (tool: string): tool is ShapeTool => SHAPE_TOOLS.some((one) => one === tool);

export interface Modifiers {
  /** A square for a rectangle, a circle for an ellipse. */
  readonly constrain: boolean;
  /** The region loses the shape. */
  readonly takesAway: boolean;
}

/** A shape that is not written yet. Points: x, y, x, y, ... in 1/16 px; two corners, or the lasso's line. */
export interface Draft {
  readonly tool: ShapeTool;
  readonly points: readonly number[];
  readonly value: 0 | 255;
}

/** CSS px that a press may move and still be a click, and that count as "on the first corner". */
const SLOP = 4;
const CATCH = 8;

/** A pixel that is covered so far, or further, stops the bucket. */
const HALF_COVERED = 128;

const FILLS = { rectangle: fillRectangle, ellipse: fillEllipse, lasso: fillPolygon };

export class Shaper {
  private tool: ShapeTool | null = null;
  private points: number[] = [];
  /** Where the pointer is while corners are being clicked. */
  private tip: readonly number[] = [];
  private pressed = false;
  private dragged = false;
  /** How many numbers there were when each press of this lasso began. */
  private presses: number[] = [];
  private modifiers: Modifiers = { constrain: false, takesAway: false };

  /** scale: scene px to a CSS px. changed: `draft` is another one. pixels: of the picture that one sees. */
  constructor(
    private readonly store: Store,
    private readonly scale: () => number,
    private readonly changed: () => void,
    private readonly pixels: () => Pixels | null,
  ) {}

  /** A shape has been begun. */
  get busy(): boolean {
    return this.tool !== null;
  }

  get draft(): Draft | null {
    const { tool, value } = this;
    if (!tool) return null;
    const points = tool === "lasso" ? [...this.points, ...this.tip] : this.corners();
    return { tool, points, value };
  }

  /** At (x, y) in scene px; false if the tool can do nothing here. */
  press(x: number, y: number, modifiers: Modifiers): boolean {
    const { tool } = this.store;
    if (this.pressed || !isShapeTool(tool)) return false;
    this.modifiers = modifiers;
    if (!this.store.canDraw(this.value)) return false;
    const at = [subpixel(x), subpixel(y)];
    if (tool === "lasso" && this.points.length >= 6 && this.near(at, this.points, CATCH)) {
      this.close();
      return false;
    }
    this.tool = tool;
    this.pressed = true;
    this.dragged = false;
    this.presses.push(this.points.length);
    this.tip = [];
    if (tool === "lasso") this.points.push(...at);
    else this.points = [...at, ...at];
    this.changed();
    return true;
  }

  /** Through places in scene px. */
  move(path: readonly (readonly [x: number, y: number])[], modifiers: Modifiers): void {
    if (!this.tool) return;
    this.modifiers = modifiers;
    for (const [x, y] of path) this.moveTo([subpixel(x), subpixel(y)]);
    this.changed();
  }

  private moveTo(at: readonly number[]): void {
    if (this.tool !== "lasso") this.points.splice(2, 2, ...at);
    else if (!this.pressed) this.tip = at;
    else if (this.dragged || !this.near(at, this.points.slice(-2), SLOP)) {
      this.dragged = true;
      this.points.push(...at);
    }
  }

  /** Completes the shape, but for a lasso whose corners are being clicked. */
  release(): void {
    if (!this.pressed) return;
    this.pressed = false;
    if (this.tool !== "lasso" || (this.dragged && this.presses.length === 1)) this.close();
    else this.changed();
  }

  /** Shift or Alt has gone down or up. */
  modify(modifiers: Modifiers): void {
    this.modifiers = modifiers;
    if (this.tool) this.changed();
  }

  /** Writes the shape as it stands. */
  close(): void {
    const { tool, value, points, store } = this;
    const texts = store.texts.tool;
    const corners = this.corners();
    const clicked = corners[0] === corners[2] && corners[1] === corners[3];
    this.cancel();
    if (tool === "bucket") {
      const at = corners.slice(2);
      const pour = (mask: Mask, region: string) => flood(mask, wallsFor(store, region, value), at, value);
      store.fill("bucket", value, pour, value ? texts.covered : texts.notCovered);
    } else if (tool === "magic") {
      this.select(corners.slice(2), value);
    } else if (tool && tool !== "lasso" && clicked && value === 0) {
      pick(store, points[0]! / SUBPIXELS, points[1]! / SUBPIXELS); // Alt-click, as with the brush
    } else if (tool && (tool !== "lasso" || points.length >= 6)) {
      store.fill(tool, value, (mask) => FILLS[tool](mask, tool === "lasso" ? points : corners, value));
    }
  }

  /** Magic select. */
  private select(at: readonly number[], value: 0 | 255): void {
    const { store } = this;
    const texts = store.texts.tool;
    const pixels = this.pixels();
    if (!pixels) {
      store.tell({ refused: texts.noPicture });
      return;
    }
    const pour = (mask: Mask) => addSimilar(mask, pixels, at, store.tolerance, value);
    store.fill("magic select", value, pour, value ? texts.selected : texts.notCovered);
  }

  /** Takes back what the last press has added: a corner of a lasso, or all of another shape. */
  back(): void {
    const count = this.presses.pop();
    if (this.tool !== "lasso" || !count) {
      this.cancel();
      return;
    }
    this.points.length = count;
    this.pressed = false;
    this.changed();
  }

  /** Forgets the shape. */
  cancel(): void {
    this.tool = null;
    this.points = [];
    this.tip = [];
    this.pressed = false;
    this.presses = [];
    this.changed();
  }

  private get value(): 0 | 255 {
    return this.modifiers.takesAway ? 0 : 255;
  }

  /** Where the drag began and where it is; with `constrain` as far to the side as up or down. */
  private corners(): number[] {
    const [ax = 0, ay = 0, bx = 0, by = 0] = this.points;
    const [dx, dy] = [bx - ax, by - ay];
    if (!this.modifiers.constrain || this.tool === "bucket" || this.tool === "magic") return [ax, ay, bx, by];
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    return [ax, ay, ax + (dx < 0 ? -side : side), ay + (dy < 0 ? -side : side)];
  }

  private near(a: readonly number[], b: readonly number[], reach: number): boolean {
    return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!) <= reach * this.scale() * SUBPIXELS;
  }
}

/** What stops the bucket: where it adds, all that is painted; where it takes away, all that the region is not. */
function wallsFor(store: Store, region: string, value: 0 | 255): Mask {
  const walls = emptyMask(...store.size);
  const data = walls.data;
  if (value === 0) {
    store.mask(region).data.forEach((own, i) => {
      if (own === 0) data[i] = 255;
    });
    return walls;
  }
  for (const other of store.regions) {
    if (!store.shows(other)) continue;
    store.mask(other.id).data.forEach((painted, i) => {
      if (painted >= HALF_COVERED) data[i] = 255; // the soft edge of a region ends where it looks as if it did
    });
  }
  return walls;
}
