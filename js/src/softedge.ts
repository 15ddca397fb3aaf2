// The brush with a soft edge: its value falls from a hard core to 0 at its radius. Byte for byte what
// semanticdraw_widget/soft_edge.py has it be; both meet the soft strokes of tests/vectors/masks.json.

import { Bounds, type Box, diskRuns, drawStroke, HALF, type Mask, SUBPIXELS, stripRuns } from "./mask";

/** The hardness, in per cent, of a brush without a soft edge. */
export const HARD = 100;

/** The way through the edge is counted in so many steps. */
const ONE = 2 ** 12;

/**
 * Paints a stroke as `drawStroke` does, with a brush that is full for `hardness` per cent of the way from its middle to
 * its edge. The pen (value 255) writes the larger of what the brush leaves and what is there, the eraser (0) the
 * smaller of 255 less that and what is there: neither how often the line was sampled nor going over it twice makes a
 * difference. A brush of 1 px has no room for an edge, and is always hard.
 */
export function drawSoftStroke(
  mask: Mask,
  points: ArrayLike<number>,
  size: number,
  value: 0 | 255,
  hardness: number,
): Box | null {
  if (hardness >= HARD || size === 1) return drawStroke(mask, points, size, value);
  const { width, height, data } = mask;
  const radius = HALF * size;
  const ink = new Ink(data, falloff(radius, hardness), value);
  for (let i = 0; i < points.length; i += 2) {
    const bx = points[i] as number;
    const by = points[i + 1] as number;
    diskRuns(height, bx, by, radius, (y, first, last) => {
      const far2 = (SUBPIXELS * y + HALF - by) ** 2;
      const [start, end] = [Math.max(first, 0), Math.min(last, width - 1)];
      for (let x = start, i = y * width + start; x <= end; x++, i++) {
        if (data[i] === value) continue; // there is no more to do
        const px = SUBPIXELS * x + HALF - bx;
        ink.put(i, x, y, Math.sqrt(px * px + far2));
      }
    });
    if (i === 0) continue;
    const ax = points[i - 2] as number;
    const ay = points[i - 1] as number;
    const [dx, dy] = [bx - ax, by - ay];
    const length = Math.sqrt(dx * dx + dy * dy);
    stripRuns(height, ax, ay, bx, by, radius, (y, first, last) => {
      const across = dx * (SUBPIXELS * y + HALF - ay);
      const [start, end] = [Math.max(first, 0), Math.min(last, width - 1)];
      for (let x = start, i = y * width + start; x <= end; x++, i++) {
        if (data[i] === value) continue;
        const cross = across - dy * (SUBPIXELS * x + HALF - ax);
        ink.put(i, x, y, Math.abs(cross) / length);
      }
    });
  }
  return ink.bounds.box;
}

/** Writes into a mask what the brush leaves at a distance from its line. */
class Ink {
  readonly bounds = new Bounds();

  constructor(
    private readonly data: Uint8Array,
    private readonly values: Uint8Array,
    private readonly value: 0 | 255,
  ) {}

  /** At pixel `i` of the mask, which is (x, y). */
  put(i: number, x: number, y: number, distance: number): void {
    const ink = this.values[Math.floor(distance)]!;
    const there = this.data[i]!;
    const next = this.value ? Math.max(there, ink) : Math.min(there, 255 - ink);
    if (next === there) return;
    this.data[i] = next;
    this.bounds.add(x, x, y);
  }
}

/**
 * What the brush leaves at each distance from its line, 0 to `radius` in 1/16 px. With t from 0 at the radius to 1 at
 * `hardness` per cent of it, and beyond, it is 255 t^2 (3 - 2t), rounded: level at both ends, so that neither shows as
 * a line. Whole numbers below 2^46, so that all of this is exact.
 */
export function falloff(radius: number, hardness: number): Uint8Array {
  return Uint8Array.from({ length: radius + 1 }, (_, distance) => {
    const share = (ONE * HARD * (radius - distance)) / (radius * (HARD - hardness));
    const t = Math.min(Math.floor(share), ONE);
    return Math.floor((255 * t * t * (3 * ONE - 2 * t) + ONE ** 3 / 2) / ONE ** 3);
  });
}
