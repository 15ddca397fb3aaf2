// The outline of a mask as closed lines: marching squares over a slightly blurred mask, which makes curves of
// the pixels' stairs. It runs about half a pixel outside, so that even a single painted pixel has one.

import type { Box, Mask } from "./mask";

/** Points x, y, x, y, ... in scene px; the line is closed. */
export type Line = Float32Array;

/** Of the blurred mask's largest value, 16 * 255. */
const LEVEL = 0.2 * 16 * 255;
/**
 * For each pattern of the four corners (upper left 8, upper right 4, lower right 2, lower left 1): from which
 * side to which the outline passes, the inside on its right. Two opposite corners (5, 10) count as apart.
 */
const [TOP, RIGHT, BOTTOM, LEFT] = [0, 1, 2, 3] as const;
const LINKS: readonly (readonly (readonly [number, number])[])[] = [
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
/** Larger masks are looked at with gaps: the screen shows no more anyway. */
const FINEST = 512;
const SMOOTHINGS = 8;

/** content: where the mask is not 0. */
export function outline(mask: Mask, content: Box | null): Line[] {
  if (!content) return [];
  const step = Math.ceil(Math.max(mask.width, mask.height) / FINEST);
  const grid = new Grid(mask, content, step);
  return grid.lines();
}

/** Rounds off what is left of the stairs: each point moves towards its neighbors, some times over. */
function smooth(points: readonly number[]): Line {
  let line = new Float32Array(points);
  const length = line.length;
  for (let pass = Math.min(SMOOTHINGS, length >> 4); pass > 0; pass--) {
    const next = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      next[i] = (line[(i + length - 2) % length]! + 2 * line[i]! + line[(i + 2) % length]!) / 4;
    }
    line = next;
  }
  return line;
}

/** Blurred samples of the mask around a box, two empty ones on each side. */
class Grid {
  private readonly x0: number;
  private readonly y0: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly values: Float32Array;

  constructor(
    private readonly mask: Mask,
    [x, y, width, height]: Box,
    private readonly step: number,
  ) {
    this.x0 = Math.floor(x / step) - 2;
    this.y0 = Math.floor(y / step) - 2;
    this.columns = Math.ceil((x + width) / step) + 2 - this.x0;
    this.rows = Math.ceil((y + height) / step) + 2 - this.y0;
    this.values = this.blur();
  }

  private blur(): Float32Array {
    const { columns, rows } = this;
    const raw = this.samples();
    const across = new Float32Array(columns * rows);
    const both = new Float32Array(columns * rows);
    for (let i = 1; i < raw.length - 1; i++) across[i] = raw[i - 1]! + 2 * raw[i]! + raw[i + 1]!;
    for (let i = columns; i < raw.length - columns; i++) {
      both[i] = across[i - columns]! + 2 * across[i]! + across[i + columns]!;
    }
    return both;
  }

  private samples(): Float32Array {
    const { mask, columns, rows, step } = this;
    const raw = new Float32Array(columns * rows);
    for (let row = 0; row < rows; row++) {
      const y = (this.y0 + row) * step;
      if (y < 0 || y >= mask.height) continue;
      for (let column = 0; column < columns; column++) {
        const x = (this.x0 + column) * step;
        if (x >= 0 && x < mask.width) raw[row * columns + column] = mask.data[y * mask.width + x]!;
      }
    }
    return raw;
  }

  /** Follows each line from edge to edge. Edge 2i leads right from sample i, edge 2i + 1 down. */
  lines(): Line[] {
    const next = this.links();
    const lines: Line[] = [];
    for (let start = 0; start < next.length; start++) {
      if (next[start] === -1) continue;
      const points: number[] = [];
      let edge = start;
      while (next[edge] !== -1) {
        this.addPoint(points, edge);
        const following = next[edge]!;
        next[edge] = -1;
        edge = following;
      }
      lines.push(smooth(points));
    }
    return lines;
  }

  /** For each edge that the outline crosses, the edge it crosses next; -1 for the others. */
  private links(): Int32Array {
    const { columns, rows, values } = this;
    const next = new Int32Array(2 * columns * rows).fill(-1);
    for (let row = 0; row < rows - 1; row++) {
      for (let column = 0; column < columns - 1; column++) {
        const i = row * columns + column;
        const inside =
          (values[i]! > LEVEL ? 8 : 0) |
          (values[i + 1]! > LEVEL ? 4 : 0) |
          (values[i + columns + 1]! > LEVEL ? 2 : 0) |
          (values[i + columns]! > LEVEL ? 1 : 0);
        const sides = [2 * i, 2 * (i + 1) + 1, 2 * (i + columns), 2 * i + 1];
        for (const [from, to] of LINKS[inside]!) next[sides[from]!] = sides[to]!;
      }
    }
    return next;
  }

  private addPoint(points: number[], edge: number): void {
    const { columns, values, step, mask } = this;
    const i = edge >> 1;
    const down = edge & 1;
    const a = values[i]!;
    const b = values[i + (down ? columns : 1)]!;
    const share = (LEVEL - a) / (b - a);
    const x = (this.x0 + (i % columns) + (down ? 0 : share)) * step + step / 2;
    const y = (this.y0 + Math.floor(i / columns) + (down ? share : 0)) * step + step / 2;
    points.push(Math.min(Math.max(x, 0), mask.width), Math.min(Math.max(y, 0), mask.height));
  }
}
