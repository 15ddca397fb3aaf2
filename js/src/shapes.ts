// Filled shapes in masks: polygon, rectangle, ellipse, and the bucket. Byte for byte what
// semanticdraw_widget/shapes.py fills; both meet tests/vectors/shapes.json.
//
// Coordinates are whole numbers of 1/16 px; a pixel (x, y) counts by its center, (16x+8, 16y+8). Each function
// returns the box of pixels that it changed.

import { Bounds, type Box, fillRun, firstPixel, HALF, isqrt, lastPixel, type Mask, SUBPIXELS } from "./mask";

type Points = ArrayLike<number>;

/**
 * points: corners x, y, x, y, ...; the last is joined to the first. Crossings count by the even-odd rule. A center
 * exactly on the outline is inside if the polygon lies to its right, or below it.
 */
export function fillPolygon(mask: Mask, points: Points, value: number): Box | null {
  // Per row of pixels, the pixels at which an edge turns outside to inside or back.
  const turns = new Map<number, number[]>();
  for (let i = 0; i < points.length; i += 2) {
    const next = (i + 2) % points.length;
    const down = points[i + 1]! <= points[next + 1]!;
    const [ax, ay, bx, by] = [...pair(points, down ? i : next), ...pair(points, down ? next : i)] as Four;
    const last = Math.min(lastPixel(by - 1), mask.height - 1);
    for (let y = Math.max(firstPixel(ay), 0); y <= last; y++) {
      // Exact: the quotient is below 2^21, its distance from a whole number 0 or above 2^-22.
      const crossing = ax + Math.ceil(((SUBPIXELS * y + HALF - ay) * (bx - ax)) / (by - ay));
      const row = turns.get(y);
      if (row) row.push(firstPixel(crossing));
      else turns.set(y, [firstPixel(crossing)]);
    }
  }
  const bounds = new Bounds();
  for (const [y, row] of turns) {
    row.sort((a, b) => a - b);
    for (let i = 0; i + 1 < row.length; i += 2) fillRun(mask, y, row[i]!, row[i + 1]! - 1, value, bounds);
  }
  return bounds.box;
}

/** points: two opposite corners. The left and upper edges belong to it, as in a polygon of its corners. */
export function fillRectangle(mask: Mask, points: Points, value: number): Box | null {
  const [x0, y0, x1, y1] = sides(points);
  const bounds = new Bounds();
  const last = Math.min(lastPixel(y1 - 1), mask.height - 1);
  for (let y = Math.max(firstPixel(y0), 0); y <= last; y++) {
    fillRun(mask, y, firstPixel(x0), lastPixel(x1 - 1), value, bounds);
  }
  return bounds.box;
}

/** points: opposite corners of a rectangle, whose sides the ellipse touches. A center exactly on it is inside. */
export function fillEllipse(mask: Mask, points: Points, value: number): Box | null {
  const [x0, y0, x1, y1] = sides(points);
  const bounds = new Bounds();
  if (x0 === x1 || y0 === y1) return null;
  const a2 = BigInt(x1 - x0) ** 2n;
  const b2 = BigInt(y1 - y0) ** 2n;
  const last = Math.min(lastPixel(y1), mask.height - 1);
  for (let y = Math.max(firstPixel(y0), 0); y <= last; y++) {
    // With u, v twice the way from the middle to a center: (u/a)^2 + (v/b)^2 <= 1.
    const v2 = BigInt(2 * (SUBPIXELS * y + HALF) - y0 - y1) ** 2n;
    const reach = isqrt((a2 * (b2 - v2)) / b2);
    const from = firstPixel(Math.ceil((x0 + x1 - reach) / 2));
    fillRun(mask, y, from, lastPixel(Math.floor((x0 + x1 + reach) / 2)), value, bounds);
  }
  return bounds.box;
}

/**
 * Fills, as a bucket does, the pixel that holds the point x, y and all that steps to one of four neighbors reach from
 * there over pixels where `walls`, a mask of the same size, is 0.
 */
export function flood(mask: Mask, walls: Mask, point: Points, value: number): Box | null {
  const { width, height } = walls;
  const taken = walls.data.slice();
  const bounds = new Bounds();
  const [px, py] = pair(point, 0);
  const stack = [Math.floor(px / SUBPIXELS), Math.floor(py / SUBPIXELS)];
  while (stack.length) {
    const y = stack.pop()!;
    const x = stack.pop()!;
    if (x < 0 || x >= width || y < 0 || y >= height || taken[y * width + x]) continue;
    const row = y * width;
    let first = x;
    let last = x;
    while (first > 0 && !taken[row + first - 1]) first--;
    while (last < width - 1 && !taken[row + last + 1]) last++;
    taken.fill(1, row + first, row + last + 1);
    fillRun(mask, y, first, last, value, bounds);
    for (const near of [y - 1, y + 1]) {
      if (near < 0 || near >= height) continue;
      for (let i = first; i <= last; i++) {
        const free = !taken[near * width + i];
        if (free && (i === first || taken[near * width + i - 1])) stack.push(i, near);
      }
    }
  }
  return bounds.box;
}

type Four = [number, number, number, number];

const pair = (points: Points, i: number): [number, number] => [points[i]!, points[i + 1]!];

/** Left, top, right, bottom. */
function sides(points: Points): Four {
  const [ax, ay, bx, by] = [...pair(points, 0), ...pair(points, 2)] as Four;
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
}
