// Magic select: the connected area of similar color in a picture. Byte for byte what semanticdraw_widget/similar.py
// selects; both meet tests/vectors/similar.json.

import { type Box, emptyMask, type Mask, SUBPIXELS } from "./mask";
import { flood } from "./shapes";

/** A picture's pixels: red, green, blue and something fourth, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/**
 * Writes the area that holds the point x, y (1/16 px) and looks like it: none of its channels differs by more than
 * `tolerance` (0 to 255) from those of that pixel. The picture is of the mask's size.
 */
export function addSimilar(
  mask: Mask,
  { width, height, data }: Pixels,
  point: ArrayLike<number>,
  tolerance: number,
  value: number,
): Box | null {
  const x = Math.floor(point[0]! / SUBPIXELS);
  const y = Math.floor(point[1]! / SUBPIXELS);
  if (x < 0 || x >= width || y < 0 || y >= height) return null;
  const walls = emptyMask(width, height);
  const at = 4 * (y * width + x);
  const unlike = (i: number, channel: number) =>
    Math.abs(data[i + channel]! - data[at + channel]!) > tolerance;
  for (let pixel = 0, i = 0; pixel < walls.data.length; pixel++, i += 4) {
    if (unlike(i, 0) || unlike(i, 1) || unlike(i, 2)) walls.data[pixel] = 255;
  }
  return flood(mask, walls, point, value);
}
