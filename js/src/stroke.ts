// One stroke, from pen down to pen up: it paints into the mask at once and remembers what was there.

import type { Op } from "./history";
import { type Box, copyMask, joinBoxes, MAX_BRUSH, type Mask, paste, SUBPIXELS } from "./mask";
import type { Piece } from "./piece";
import { drawSoftStroke, HARD } from "./softedge";

const FAR = 2 ** 20;

/** Where the brush was, in 1/16 px, and what it was like there. */
interface Step {
  readonly point: readonly [x: number, y: number];
  readonly size: number;
  readonly hardness: number;
}

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
  private readonly path: Step[] = [];

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

  /** On to (x, y) in scene px, the brush being `size` px wide and `hardness` per cent hard. */
  to(x: number, y: number, size: number, hardness = HARD): void {
    const width = Math.round(Math.min(Math.max(size, 1), MAX_BRUSH));
    const step: Step = { point: [subpixel(x), subpixel(y)], size: width, hardness };
    const box = this.draw(step, this.path.at(-1));
    this.path.push(step);
    if (!box) return;
    this.box = joinBoxes(this.box, box);
    this.changed(box, false);
  }

  private draw({ point, size, hardness }: Step, last: Step | undefined): Box | null {
    return drawSoftStroke(this.mask, [...(last?.point ?? []), ...point], size, this.value, hardness);
  }

  /** A whole shape at once, shown and sent when the stroke ends. */
  fill(draw: (mask: Mask, region: string) => Box | null): void {
    this.unseen = draw(this.mask, this.region);
    this.box = joinBoxes(this.box, this.unseen);
  }

  /** Python has set the mask meanwhile: the stroke is drawn again on top of it, since a mask does not say which of
   * its pixels the stroke went over without changing them. */
  rebase(mask: Mask): void {
    paste(this.mask, [0, 0, mask.width, mask.height], mask);
    this.before = copyMask(mask);
    this.path.forEach((step, i) => {
      this.box = joinBoxes(this.box, this.draw(step, this.path[i - 1]));
    });
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
