// The transform tool: from presses and moves of a pointer, or keys, to the place of the chosen region. Knows neither
// the DOM nor what its handles look like. It waits to be applied, and begins anew from there.

import { title } from "./actions";
import { Emitter } from "./emitter";
import { type Box, contentBox } from "./mask";
import { regionAt } from "./pick";
import type { Region } from "./scene";
import type { Store } from "./store";
import { corners, IDENTITY, MAX_MOVE, MAX_SCALE, middle, moved, type Transform, turn } from "./transform";
import { TransformStroke } from "./transformstroke";

type Point = [x: number, y: number];

/** What a pointer holds: a corner, the handle that rotates, or the region itself. */
export type Grip = 0 | 1 | 2 | 3 | "turn" | "inside";

/** Where the handles are, in scene px. */
export interface Handles {
  /** Upper left, upper right, lower right, lower left, as they were before they were turned. */
  readonly corners: readonly Point[];
  /** The handle that rotates, and where its stalk begins. */
  readonly turn: Point;
  readonly stalk: Point;
  readonly color: string;
}

/** CSS px: how near a handle is caught, and how far the one that rotates stands off. */
const CATCH = 11;
const STALK = 26;
/** Degrees that a turn goes by with Shift held. */
const SNAP = 15;
const ALL: readonly (0 | 1 | 2 | 3)[] = [0, 1, 2, 3];
/** On which side of the box the stalk stands, the first that is in sight: above, below, right, left. */
const SIDES: readonly (readonly [number, number])[] = [
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
];

export class Transformer extends Emitter<{ changed: undefined }> {
  private stroke: TransformStroke | null = null;
  private drag: { grip: Grip; from: Point; start: Transform; handles: Handles } | null = null;
  private box: { of: string; mask: Uint8Array; content: Box | null } | null = null;
  private side = 0;

  /** scale: scene px to a CSS px. seen: whether a place in scene px is in sight. */
  constructor(
    private readonly store: Store,
    private readonly scale: () => number,
    private readonly seen: (point: Point) => boolean,
  ) {
    super();
  }

  /** A transform waits to be applied. */
  get busy(): boolean {
    return this.current !== null;
  }

  get transform(): Transform {
    return this.current?.transform ?? IDENTITY;
  }

  /** Looks again: another tool or region may be chosen, somebody else may have drawn. */
  refresh(): void {
    const { store, current } = this;
    if (current && (store.tool !== "transform" || store.active !== current.region)) this.apply();
    else this.changed();
  }

  /** Pixels of a mask are others. */
  redrawn(region: string): void {
    if (this.box?.of === region && !this.busy) this.box = null;
    if (this.store.tool === "transform") this.changed();
  }

  /** null where nothing can be held: another tool, no region, or one that covers nothing. */
  get handles(): Handles | null {
    const region = this.region;
    const content = this.content;
    if (!region || !content) return null;
    const place = (point: readonly [number, number]) => moved(point, content, this.transform);
    const ends = corners(content).map(place);
    const [cx, cy] = middle(content);
    const off = STALK * this.scale();
    const stalks = SIDES.map(([x, y]) => {
      const [sx, sy] = [x * Math.sign(this.transform.scale[0]), y * Math.sign(this.transform.scale[1])];
      const foot = place([cx + (sx * content[2]) / 2, cy + (sy * content[3]) / 2]);
      const [cosine, sine] = turn(this.transform.rotate);
      const tip: Point = [foot[0] + off * (cosine * x - sine * y), foot[1] + off * (sine * x + cosine * y)];
      return { foot, tip };
    });
    if (!this.drag) {
      const found = stalks.findIndex(({ tip }) => this.seen(tip));
      this.side = Math.max(found, 0);
    }
    const { foot, tip } = stalks[this.side]!;
    return { corners: ends, turn: tip, stalk: foot, color: region.color };
  }

  /** What a pointer at (x, y), in scene px, would hold. wide: a finger is not exact. */
  gripAt(x: number, y: number, wide = false): Grip | null {
    const { handles } = this;
    if (!handles) return null;
    const reach = CATCH * this.scale() * (wide ? 2 : 1);
    const near = ([hx, hy]: Point) => Math.hypot(hx - x, hy - y) <= reach;
    if (near(handles.turn)) return "turn";
    const corner = ALL.find((i) => near(handles.corners[i]!));
    return corner ?? (inside(handles.corners, x, y) ? "inside" : null);
  }

  /** At (x, y) in scene px; false if nothing can be moved there. Beside the box it chooses another region. */
  press(x: number, y: number, wide = false): boolean {
    let grip = this.gripAt(x, y, wide);
    if (grip === null) {
      this.apply();
      const found = regionAt(this.store, x, y);
      if (found) this.store.set({ active: found.id });
      else return this.explain();
      grip = "inside";
    }
    const { handles } = this;
    if (!handles || !this.begin()) return false;
    this.drag = { grip, from: [x, y], start: this.transform, handles };
    return true;
  }

  /** With `constrain` a corner keeps the ratio, a turn goes by steps, and a move goes along one axis. */
  move(x: number, y: number, constrain: boolean): void {
    if (this.drag) this.place(this.dragged(x, y, constrain), true);
  }

  /** Shows exactly what was dragged. */
  release(): void {
    if (!this.drag) return;
    this.drag = null;
    this.place(this.transform);
    if (this.current?.changesNothing) this.cancel();
    else this.changed();
  }

  /** Gives up the drag, but keeps what was dragged before. */
  letGo(): void {
    const { drag } = this;
    this.drag = null;
    if (drag) this.place(drag.start);
    if (this.current?.changesNothing) this.cancel();
  }

  /** By px. */
  nudge(dx: number, dy: number): void {
    if (!this.region || (!this.content && !this.explain()) || !this.begin()) return;
    const [x, y] = this.transform.move;
    this.place({ ...this.transform, move: [x + dx, y + dy] });
  }

  /** Larger or smaller by a factor, and turned by degrees. */
  adjust(factor: number, degrees: number): void {
    if (!this.region || (!this.content && !this.explain()) || !this.begin()) return;
    const { scale, rotate, move } = this.transform;
    const [sx, sy] = [limited(scale[0] * factor), limited(scale[1] * factor)];
    this.place({ move, scale: [sx, sy], rotate: rotate + degrees });
  }

  /** What is shown becomes the mask: one step of undo. */
  apply(): void {
    const { current, store } = this;
    this.drop();
    if (!current) return;
    const region = store.region(current.region);
    const changes = !current.changesNothing;
    store.endStroke(changes);
    if (changes && region) store.tell({ did: `${title(region)} is transformed.` });
    this.changed();
  }

  /** The mask is again what it was. */
  cancel(): void {
    const { current } = this;
    this.drop();
    if (current) this.store.endStroke(false);
    this.changed();
  }

  // ------------------------------------------------------------ inside

  /** Our stroke, as long as nobody else has ended it. */
  private get current(): TransformStroke | null {
    if (this.stroke && this.store.stroke !== this.stroke) this.drop();
    return this.stroke;
  }

  private drop(): void {
    this.stroke = null;
    this.drag = null;
    this.box = null;
  }

  private get region(): Region | undefined {
    const { store } = this;
    return store.tool === "transform" ? store.region(store.active) : undefined;
  }

  /** The box of what the region covers, before the transform that waits. */
  private get content(): Box | null {
    const { region, current } = this;
    if (!region) return null;
    const data = current?.before.data ?? this.store.mask(region.id).data;
    const [width, height] = this.store.size;
    if (this.box?.of !== region.id || this.box.mask !== data)
      this.box = { of: region.id, mask: data, content: contentBox({ width, height, data }) };
    return this.box.content;
  }

  private begin(): boolean {
    if (this.current) return true;
    this.stroke = this.store.beginStroke(255, TransformStroke);
    this.changed();
    return this.stroke !== null;
  }

  private explain(): false {
    const { region } = this;
    if (region && !this.content) {
      this.store.tell({ refused: `${title(region)} covers nothing yet. Paint it first, then move it.` });
    }
    return false;
  }

  private changed(): void {
    this.emit("changed", undefined);
  }

  private place(transform: Transform, moving = false): void {
    this.current?.place(transform, moving);
    this.changed();
  }

  private dragged(x: number, y: number, constrain: boolean): Transform {
    const { grip, from, start, handles } = this.drag!;
    if (grip === "inside") {
      let [dx, dy] = [Math.round(x - from[0]), Math.round(y - from[1])];
      if (constrain && Math.abs(dx) < Math.abs(dy)) dx = 0;
      else if (constrain) dy = 0;
      return { ...start, move: [start.move[0] + dx, start.move[1] + dy].map(bounded) as Point };
    }
    const [cx, cy] = middleOf(handles.corners);
    if (grip === "turn") {
      const angle = (px: number, py: number) => (Math.atan2(py - cy, px - cx) * 180) / Math.PI;
      const turned = start.rotate + angle(x, y) - angle(...handles.turn);
      const rotate = constrain ? SNAP * Math.round(turned / SNAP) : Math.round(turned * 10) / 10;
      return { ...start, rotate: ((((rotate + 180) % 360) + 360) % 360) - 180 };
    }
    return this.scaled(grip, [x - from[0], y - from[1]], constrain);
  }

  /** The corner goes along with the pointer, the opposite one stays. */
  private scaled(grip: 0 | 1 | 2 | 3, [dx, dy]: Point, constrain: boolean): Transform {
    const { start, handles } = this.drag!;
    const [, , width, height] = this.content ?? [0, 0, 1, 1];
    const fixed = handles.corners[(grip + 2) % 4]!;
    const corner = handles.corners[grip]!;
    const [cosine, sine] = turn(start.rotate);
    const [u, v] = [corner[0] + dx - fixed[0], corner[1] + dy - fixed[1]];
    const [right, down] = [grip === 1 || grip === 2 ? 1 : -1, grip >= 2 ? 1 : -1];
    let sx = (right * (cosine * u + sine * v)) / width;
    let sy = (down * (cosine * v - sine * u)) / height;
    if (constrain) {
      const factor = Math.max(Math.abs(sx / start.scale[0]), Math.abs(sy / start.scale[1]));
      [sx, sy] = [factor * Math.abs(start.scale[0]) * sign(sx), factor * Math.abs(start.scale[1]) * sign(sy)];
    }
    [sx, sy] = [limited(sx), limited(sy)];
    // From the corner that stays, half of the new diagonal leads to the new middle.
    const [p, q] = [(right * sx * width) / 2, (down * sy * height) / 2];
    const [cx, cy] = middle(this.content ?? [0, 0, 0, 0]);
    const center = [fixed[0] + cosine * p - sine * q, fixed[1] + sine * p + cosine * q] as const;
    return { ...start, scale: [sx, sy], move: [center[0] - cx, center[1] - cy].map(bounded) as Point };
  }
}

const sign = (value: number) => (value < 0 ? -1 : 1);
const bounded = (px: number) => Math.min(Math.max(px, -MAX_MOVE), MAX_MOVE);
const limited = (factor: number) =>
  sign(factor) * Math.min(Math.max(Math.abs(factor), 1 / MAX_SCALE), MAX_SCALE);

const middleOf = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

/** Whether a point lies within a parallelogram, given by its corners in order. */
function inside(ends: readonly Point[], x: number, y: number): boolean {
  const sides = ends.map(([ax, ay], i) => {
    const [bx, by] = ends[(i + 1) % ends.length]!;
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}
