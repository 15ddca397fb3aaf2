// The outline of a mask as closed lines: marching squares over a slightly blurred mask, which makes curves of
// the pixels' stairs. It runs about half a pixel outside, so that even a single painted pixel has one.

import type { Box, Mask } from "./mask";

/** Points x, y, x, y, ... in scene px; the line is closed. */
export type Line = Float32Array;

/** Of the blurred mask's largest value, 16 * 255. */
const LEVEL = 0.2 * 16 * 255;
/**
 * For each pattern of the four corners of a cell (upper left 8, upper right 4, lower right 2, lower left 1): from
 * which side to which the outline passes, the inside on its right. Two opposite corners (5, 10) count as apart.
 */
const [TOP, RIGHT, BOTTOM, LEFT] = [0, 1, 2, 3] as const;
const PASSES: readonly (readonly (readonly [from: number, to: number])[])[] = [
  [],
  [[BOTTOM, LEFT]],
  [[RIGHT, BOTTOM]],
  [[RIGHT, LEFT]],
  [[TOP, RIGHT]],
  [
    [BOTTOM, LEFT],
    [TOP, RIGHT],
  ],
  [[TOP, BOTTOM]],
  [[TOP, LEFT]],
  [[LEFT, TOP]],
  [[BOTTOM, TOP]],
  [
    [LEFT, TOP],
    [RIGHT, BOTTOM],
  ],
  [[RIGHT, TOP]],
  [[LEFT, RIGHT]],
  [[BOTTOM, RIGHT]],
  [[LEFT, BOTTOM]],
  [],
];
/** The same by 4 * pattern + from; -1 where no line comes from that side. */
const TO = new Int8Array(4 * PASSES.length).fill(-1);
for (const [pattern, passes] of PASSES.entries())
  for (const [from, to] of passes) TO[4 * pattern + from] = to;

/** Larger masks are looked at with gaps: the screen shows no more anyway. */
const FINEST = 512;
const SMOOTHINGS = 8;
/** Four cells through which no line passes. */
const OUTSIDE = 0;
const INSIDE = 0x0f0f0f0f;

/** content: where the mask is not 0; null if nowhere. */
export function outline(mask: Mask, content: Box | null): Line[] {
  return content ? new Outliner(mask, content, content).lines() : [];
}

/** Keeps what it has found out, so that a mask that changes in one place is looked at again only there. */
export class Outliner {
  private readonly step: number;
  /** The grid of samples goes two empty ones beyond the box on each side. */
  private readonly x0: number;
  private readonly y0: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly samples: Uint8Array;
  private readonly blurred: Uint16Array;
  /** Of the cell whose upper left corner is a sample; and the same, four cells to a number. */
  private readonly patterns: Uint8Array;
  private readonly fours: Uint32Array;
  /** A bit for each side from which the line into a cell has been followed. */
  private readonly followed: Uint8Array;
  /** A line while it is followed and smoothed, with two numbers to spare at either end: a line has thousands. */
  private line = new Float32Array(1024);
  private next = new Float32Array(1024);

  /** content: outside of it the mask is 0 now; within: outside of it the mask is 0, and stays so. */
  constructor(
    private readonly mask: Mask,
    content: Box | null,
    within: Box = [0, 0, mask.width, mask.height],
  ) {
    const [x, y, width, height] = within;
    this.step = Math.ceil(Math.max(mask.width, mask.height) / FINEST);
    this.x0 = Math.floor(x / this.step) - 2;
    this.y0 = Math.floor(y / this.step) - 2;
    this.columns = Math.ceil((x + width) / this.step) + 2 - this.x0;
    this.rows = Math.ceil((y + height) / this.step) + 2 - this.y0;
    const count = this.columns * this.rows;
    this.samples = new Uint8Array(count);
    this.blurred = new Uint16Array(count);
    this.patterns = new Uint8Array((count + 3) & ~3);
    this.fours = new Uint32Array(this.patterns.buffer);
    this.followed = new Uint8Array(count);
    if (content) this.update(content);
  }

  /** The mask has changed in the box. */
  update([x, y, width, height]: Box): void {
    const { step, x0, y0 } = this;
    const left = Math.floor(x / step) - x0;
    const top = Math.floor(y / step) - y0;
    const right = Math.ceil((x + width) / step) - x0;
    const bottom = Math.ceil((y + height) / step) - y0;
    this.sample(left, top, right, bottom);
    this.blur(left - 1, top - 1, right + 1, bottom + 1);
    this.classify(left - 2, top - 2, right + 1, bottom + 1);
  }

  lines(): Line[] {
    const { patterns, fours, followed } = this;
    followed.fill(0);
    const lines: Line[] = [];
    for (let i = 0; i < fours.length; i++) {
      if (fours[i] === OUTSIDE || fours[i] === INSIDE) continue;
      for (let cell = 4 * i; cell < 4 * i + 4; cell++) {
        for (const [from] of PASSES[patterns[cell]!]!) {
          if (!(followed[cell]! & (1 << from))) lines.push(this.smooth(this.follow(cell, from)));
        }
      }
    }
    return lines;
  }

  // ------------------------------------------------------------ from the mask to patterns, in a part of the grid

  private sample(left: number, top: number, right: number, bottom: number): void {
    const { mask, samples, columns, step, x0, y0 } = this;
    for (let row = Math.max(top, -y0); row < bottom; row++) {
      const y = (y0 + row) * step;
      if (y >= mask.height) break;
      for (let column = Math.max(left, -x0); column < right; column++) {
        const x = (x0 + column) * step;
        if (x < mask.width) samples[row * columns + column] = mask.data[y * mask.width + x]!;
      }
    }
  }

  private blur(left: number, top: number, right: number, bottom: number): void {
    const { samples, blurred, columns } = this;
    const across = (i: number) => samples[i - 1]! + 2 * samples[i]! + samples[i + 1]!;
    for (let row = top; row < bottom; row++) {
      for (let i = row * columns + left, end = row * columns + right; i < end; i++) {
        blurred[i] = across(i - columns) + 2 * across(i) + across(i + columns);
      }
    }
  }

  private classify(left: number, top: number, right: number, bottom: number): void {
    const { blurred, patterns, columns } = this;
    for (let row = top; row < bottom; row++) {
      for (let i = row * columns + left, end = row * columns + right; i < end; i++) {
        patterns[i] =
          (blurred[i]! > LEVEL ? 8 : 0) |
          (blurred[i + 1]! > LEVEL ? 4 : 0) |
          (blurred[i + columns + 1]! > LEVEL ? 2 : 0) |
          (blurred[i + columns]! > LEVEL ? 1 : 0);
      }
    }
  }

  // ------------------------------------------------------------ from patterns to lines

  /** Follows the line that comes into a cell from a side; gives back how many numbers its points are. */
  private follow(start: number, side: number): number {
    const { patterns, followed, columns } = this;
    let length = 0;
    let cell = start;
    let from = side;
    do {
      followed[cell]! |= 1 << from;
      if (length + 6 > this.line.length) this.grow();
      this.putPoint(length + 2, cell, from);
      length += 2;
      const to = TO[4 * patterns[cell]! + from]!;
      cell += to === TOP ? -columns : to === BOTTOM ? columns : to === RIGHT ? 1 : -1;
      from = (to + 2) & 3;
    } while (cell !== start || from !== side);
    return length;
  }

  private grow(): void {
    const longer = new Float32Array(2 * this.line.length);
    longer.set(this.line);
    this.line = longer;
    this.next = new Float32Array(longer.length);
  }

  /** Where the outline crosses a side of a cell. */
  private putPoint(at: number, cell: number, side: number): void {
    const { blurred, columns, step, mask } = this;
    const i = cell + (side === RIGHT ? 1 : side === BOTTOM ? columns : 0);
    const down = side === RIGHT || side === LEFT;
    const a = blurred[i]!;
    const b = blurred[i + (down ? columns : 1)]!;
    const share = (LEVEL - a) / (b - a);
    const x = (this.x0 + (i % columns) + (down ? 0 : share)) * step + step / 2;
    const y = (this.y0 + Math.floor(i / columns) + (down ? share : 0)) * step + step / 2;
    this.line[at] = Math.min(Math.max(x, 0), mask.width);
    this.line[at + 1] = Math.min(Math.max(y, 0), mask.height);
  }

  /** Rounds off what is left of the stairs: each point moves towards its neighbors, some times over. */
  private smooth(length: number): Line {
    let { line, next } = this;
    for (let pass = Math.min(SMOOTHINGS, length >> 4); pass > 0; pass--) {
      // The line being closed, the point before the first is the last one.
      line.copyWithin(0, length, length + 2);
      line.copyWithin(length + 2, 2, 4);
      for (let i = 2; i < length + 2; i++) next[i] = (line[i - 2]! + 2 * line[i]! + line[i + 2]!) / 4;
      [line, next] = [next, line];
    }
    return line.slice(2, length + 2);
  }
}
