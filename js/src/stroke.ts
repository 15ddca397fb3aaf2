// One stroke, from pen down to pen up: it paints into the mask at once and remembers what was there.

import type { Op } from "./history";
import { type Box, copyMask, drawStroke, joinBoxes, MAX_BRUSH, type Mask, paste, SUBPIXELS } from "./mask";
import type { Piece } from "./piece";

const FAR = 2 ** 20;

export class Stroke {
  /** The mask as the stroke found it. */
  before: Mask;
  /** All that the stroke changed so far. */
  box: Box | null = null;
  /** What of that nobody has been told of, so that it is not seen yet. */
  unseen: Box | null = null;
  /** It goes on while no pointer is down; taking it back undoes it. */
  readonly waits: boolean = false;
  /** Its name among the edits; what it does to the mask says it if it has none. */
  readonly label: string | undefined;
  private last: [number, number] | null = null;

  constructor(
    readonly region: string,
    protected readonly mask: Mask,
    readonly value: 0 | 255,
    /** What had to be done before it could begin, such as making its region. */
    readonly ops: readonly Op[],
    protected readonly changed: (box: Box, final: boolean, piece?: Piece) => void,
  ) {
    this.before = copyMask(mask);
  }

  /** On to (x, y) in scene px, the brush being `size` px wide. */
  to(x: number, y: number, size: number): void {
    const point: [number, number] = [subpixel(x), subpixel(y)];
    const width = Math.round(Math.min(Math.max(size, 1), MAX_BRUSH));
    const box = drawStroke(this.mask, [...(this.last ?? []), ...point], width, this.value);
    this.last = point;
    if (!box) return;
    this.box = joinBoxes(this.box, box);
    this.changed(box, false);
  }

  /** A whole shape at once, shown and sent when the stroke ends. */
  fill(draw: (mask: Mask, region: string) => Box | null): void {
    this.unseen = draw(this.mask, this.region);
    this.box = joinBoxes(this.box, this.unseen);
  }

  /** Python has set the mask meanwhile: what this stroke painted goes on top of it. */
  rebase(mask: Mask): void {
    const [x, y, width, height] = this.box ?? [0, 0, 0, 0];
    const mine = copyMask(this.mask);
    paste(this.mask, [0, 0, mask.width, mask.height], mask);
    for (let row = y; row < y + height; row++) {
      for (let i = row * mask.width + x, end = i + width; i < end; i++) {
        if (mine.data[i] !== this.before.data[i]) this.mask.data[i] = this.value;
      }
    }
    this.before = copyMask(mask);
  }

  takeBack(): void {
    this.mask.data.set(this.before.data);
    this.unseen = this.box;
  }

  /** The stroke is over: all of it, once more, to whoever follows. piece: its box of the mask, if that is kept. */
  finish(piece?: Piece): void {
    if (this.box) this.changed(this.box, true, piece);
  }
}

/** A coordinate in px as a whole number of 1/16 px. */
export const subpixel = (px: number) => Math.min(Math.max(Math.floor(px * SUBPIXELS), -FAR), FAR);
