// Masks moved, scaled and rotated. Byte for byte what semanticdraw_widget/transforms.py makes; both meet
// tests/vectors/transforms.json. Sine and cosine are worked out here because engines differ in their last bit.

import { type Box, contentBox, emptyMask, type Mask, SUBPIXELS } from "./mask";

/** Scaled and then rotated about the middle of what the mask covers, and then moved. */
export interface Transform {
  /** px, to the right and down. */
  readonly move: readonly [dx: number, dy: number];
  /** 1/64 to 64; negative ones mirror. */
  readonly scale: readonly [sx: number, sy: number];
  /** Degrees, clockwise. */
  readonly rotate: number;
}

export const IDENTITY: Transform = { move: [0, 0], scale: [1, 1], rotate: 0 };
export const MAX_SCALE = 64;
export const MAX_MOVE = 65536;

/** Coefficients of the way back count 2^-20. */
const ONE = 2 ** 20;
/** A pixel in that measure. */
const UNIT = SUBPIXELS * ONE;
/** Where a pixel looks, along each axis, in 1/16 px from its edge. Three places, so that there never is a tie. */
const PLACES = [3, 8, 13] as const;
/** Pixels around what is surely 0: more than all rounding. */
const MARGIN = 2;

/** coarse: each pixel looks at its center alone, which is quicker. Only for what is shown meanwhile. */
export function transformed(mask: Mask, transform: Transform, coarse = false): Mask {
  const { width, height, data } = mask;
  const result = emptyMask(width, height);
  const content = contentBox(mask);
  if (!content) return result;
  const [cx, cy] = middle(content).map((px) => px * SUBPIXELS) as [number, number];
  const [dx, dy] = transform.move.map((px) => Math.floor(SUBPIXELS * px + 0.5)) as [number, number];
  const [a, b, c, d] = wayBack(transform);
  const hard = data.every((value) => value === 0 || value === 255);
  const places = coarse ? [8] : PLACES;
  const count = places.length ** 2;
  // Whole numbers below 2^49, so that all of this is exact: what each place adds to where the pixel's corner came from.
  const addX = Float64Array.from(places.flatMap((j) => places.map((i) => a * i + b * j)));
  const addY = Float64Array.from(places.flatMap((j) => places.map((i) => c * i + d * j)));
  const [x0, y0, x1, y1] = reach(content, transform, mask);
  for (let y = y0; y < y1; y++) {
    const v = SUBPIXELS * y - cy - dy;
    for (let x = x0; x < x1; x++) {
      const u = SUBPIXELS * x - cx - dx;
      const fromX = a * u + b * v + cx * ONE;
      const fromY = c * u + d * v + cy * ONE;
      let total = 0;
      for (let place = 0; place < count; place++) {
        const px = Math.floor((fromX + addX[place]!) / UNIT);
        const py = Math.floor((fromY + addY[place]!) / UNIT);
        if (px >= 0 && px < width && py >= 0 && py < height) total += data[py * width + px]!;
      }
      const mean = Math.floor((2 * total + count) / (2 * count));
      result.data[y * width + x] = hard ? (2 * total > count * 255 ? 255 : 0) : mean;
    }
  }
  return result;
}

/** Where a place of the mask, in px, goes. content: what the mask covers. */
export function moved(
  [x, y]: readonly [number, number],
  content: Box,
  transform: Transform,
): [number, number] {
  const { move, scale, rotate } = transform;
  const [cx, cy] = middle(content);
  const [cosine, sine] = turn(rotate);
  const [u, v] = [(x - cx) * scale[0], (y - cy) * scale[1]];
  return [cx + move[0] + cosine * u - sine * v, cy + move[1] + sine * u + cosine * v];
}

export const middle = ([x, y, width, height]: Box): [number, number] => [x + width / 2, y + height / 2];

export function corners([x, y, width, height]: Box): [number, number][] {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** Cosine and sine, the same bits in every language: quarter turns are exact, the rest is a series. */
export function turn(degrees: number): [cosine: number, sine: number] {
  const rest = degrees % 360;
  const quarter = Math.floor(rest / 90 + 0.5);
  const x = (rest - 90 * quarter) * (Math.PI / 180);
  const z = x * x;
  let cosine = 1;
  let sine = 1;
  for (let n = 16; n > 0; n -= 2) {
    cosine = 1 - (z / (n * (n - 1))) * cosine;
    sine = 1 - (z / (n * (n + 1))) * sine;
  }
  sine = x * sine;
  const turns: [number, number][] = [
    [cosine, sine],
    [-sine, cosine],
    [-cosine, -sine],
    [sine, -cosine],
  ];
  return turns[((quarter % 4) + 4) % 4]!;
}

/** Two rows of a matrix, in 2^-20: from places around the new middle to those around the old one. */
function wayBack({ scale: [sx, sy], rotate }: Transform): readonly [number, number, number, number] {
  const [cosine, sine] = turn(rotate);
  const whole = (share: number) => Math.floor(ONE * share + 0.5);
  return [whole(cosine / sx), whole(sine / sx), whole(-sine / sy), whole(cosine / sy)];
}

/** The pixels that can have something: left, top, and the first ones beyond. */
function reach(
  content: Box,
  transform: Transform,
  { width, height }: Mask,
): [number, number, number, number] {
  const ends = corners(content).map((corner) => moved(corner, content, transform));
  const [xs, ys] = [ends.map(([x]) => x), ends.map(([, y]) => y)];
  const low = (all: number[]) => Math.max(Math.floor(Math.min(...all)) - MARGIN, 0);
  const high = (all: number[], most: number) => Math.min(Math.ceil(Math.max(...all)) + MARGIN, most);
  return [low(xs), low(ys), high(xs, width), high(ys, height)];
}
