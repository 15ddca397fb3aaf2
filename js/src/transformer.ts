// The transform tool: from presses and moves of a pointer, or keys, to the place of the chosen region. Knows neither
// the DOM nor what its handles look like. It waits to be applied, and begins anew from there.

import { framed } from "./dom";
import { Emitter } from "./emitter";
import { type Box, contentBox } from "./mask";
import { regionAt } from "./pick";
import type { Region } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";
import { corners, IDENTITY, middle, moved, type Transform, turn } from "./transform";
import { type Drag, dragged, type Grip, type Handles, limited, type Point } from "./transformdrag";
import { TransformStroke } from "./transformstroke";

/** CSS px: how near a handle is caught, and how far the one that rotates stands off. */
const CATCH = 11;
const STALK = 26;
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
  /** Where a drag has gone since the last frame: to transform a mask takes longer than a pointer waits. */
  private ahead: Transform | null = null;
  private readonly catchUp = framed(() => {
    if (this.ahead) this.current?.place(this.ahead, true);
    this.ahead = null;
  });
  private drag: Drag | null = null;
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
    return (this.current && this.ahead) ?? this.current?.transform ?? IDENTITY;
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
    const { handles, content } = this;
    if (!handles || !content || !this.begin()) return false;
    this.drag = { grip, from: [x, y], start: this.transform, handles, content };
    return true;
  }

  move(x: number, y: number, constrain: boolean): void {
    if (!this.drag) return;
    this.ahead = dragged(this.drag, x, y, constrain);
    this.catchUp();
    this.changed();
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
    if (this.drag) current?.place(this.transform); // exactly
    this.drop();
    if (!current) return;
    const region = store.region(current.region);
    const changes = !current.changesNothing;
    store.endStroke(changes);
    if (changes && region) store.tell({ did: store.texts.tool.transformed(title(store, region)) });
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
    this.wait();
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
    if (this.store.stroke?.waits) this.store.endStroke(); // a transform that waits in another view
    this.stroke = this.store.beginStroke(255, TransformStroke);
    this.changed();
    return this.stroke !== null;
  }

  private explain(): false {
    const { region } = this;
    if (region && !this.content) {
      const { store } = this;
      store.tell({ refused: store.texts.tool.nothingToMove(title(store, region)) });
    }
    return false;
  }

  private changed(): void {
    this.emit("changed", undefined);
  }

  /** At once and exactly. */
  private place(transform: Transform): void {
    this.wait();
    this.current?.place(transform);
    this.changed();
  }

  /** Nothing comes with the next frame. */
  private wait(): void {
    this.ahead = null;
    this.catchUp.cancel();
  }
}

/** Whether a point lies within a parallelogram, given by its corners in order. */
function inside(ends: readonly Point[], x: number, y: number): boolean {
  const sides = ends.map(([ax, ay], i) => {
    const [bx, by] = ends[(i + 1) % ends.length]!;
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}
