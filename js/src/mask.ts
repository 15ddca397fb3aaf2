// Masks: the wire format SDM1 and the round brush; softedge.ts is its edge, shapes.ts has the other tools. Byte for byte what
// semanticdraw_widget/masks.py does; both meet tests/vectors/masks.json.

import { inflateSync, unzlibSync, zlibSync } from "fflate";

/** `data` has width * height bytes, row by row; 255 is fully inside. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Pixels: x, y, width, height. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export const MAX_SIDE = 8192;
export const MAX_PIXELS = 4096 * 4096;
export const MAX_BRUSH = 512;
/** Stroke points are whole numbers of 1/16 px. */
export const SUBPIXELS = 16;

const HEADER = 8;
/** Of deflate: masks of a hand get 1 % smaller with 6, in twice the time. */
const LEVEL = 4;
/** Bytes up to which deflate is not worth the memory that it takes: the patches of a pen that moves. */
const SMALL = 1024;
/** From a pixel's edge to its center. */
export const HALF = SUBPIXELS / 2;

export class MaskError extends Error {}

export function emptyMask(width: number, height: number): Mask {
  return { width, height, data: new Uint8Array(width * height) };
}

export function copyMask(mask: Mask): Mask {
  return { ...mask, data: mask.data.slice() };
}

// Loops rather than calls for each pixel: some of these run between two frames, over a whole mask.

export function isEmpty({ data }: Mask): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) return false;
  return true;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

// ---------------------------------------------------------------- boxes

/** The smallest box that holds both; null is the empty one. */
export function joinBoxes(a: Box | null, b: Box | null): Box | null {
  if (!a || !b) return a ?? b;
  const x = Math.min(a[0], b[0]);
  const y = Math.min(a[1], b[1]);
  return [x, y, Math.max(a[0] + a[2], b[0] + b[2]) - x, Math.max(a[1] + a[3], b[1] + b[3]) - y];
}

/** Where two masks of one size differ; null where they do not. */
export function differingBox(a: Mask, b: Mask): Box | null {
  const bounds = new Bounds();
  for (let y = 0, i = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++, i++) {
      if (a.data[i] !== b.data[i]) bounds.add(x, x, y);
    }
  }
  return bounds.box;
}

/** The box of all pixels that are not 0; null for an empty mask. Looks at few pixels inside that box. */
export function contentBox({ width, data }: Mask): Box | null {
  let first = 0;
  while (first < data.length && data[first] === 0) first++;
  if (first === data.length) return null;
  let last = data.length - 1;
  while (data[last] === 0) last--;
  const [top, bottom] = [Math.floor(first / width), Math.floor(last / width)];
  let left = width;
  let right = -1;
  for (let row = top; row <= bottom; row++) {
    const start = row * width;
    for (let x = 0; x < left; x++) if (data[start + x] !== 0) left = x;
    for (let x = width - 1; x > right; x--) if (data[start + x] !== 0) right = x;
  }
  return [left, top, right - left + 1, bottom - top + 1];
}

/** What two boxes have in common; null if nothing. */
export function commonBox(a: Box | null, b: Box | null): Box | null {
  if (!a || !b) return null;
  const x = Math.max(a[0], b[0]);
  const y = Math.max(a[1], b[1]);
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - x;
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - y;
  return width > 0 && height > 0 ? [x, y, width, height] : null;
}

export function crop(mask: Mask, [x, y, width, height]: Box): Mask {
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * mask.width + x;
    data.set(mask.data.subarray(from, from + width), row * width);
  }
  return { width, height, data };
}

/** Writes `piece` into `mask` at the box's corner. */
export function paste(mask: Mask, [x, y]: Box, piece: Mask): void {
  for (let row = 0; row < piece.height; row++) {
    const line = piece.data.subarray(row * piece.width, (row + 1) * piece.width);
    mask.data.set(line, (y + row) * mask.width + x);
  }
}

/** Collects runs of pixels into the box that holds them. */
export class Bounds {
  private x0 = Number.POSITIVE_INFINITY;
  private y0 = Number.POSITIVE_INFINITY;
  private x1 = -1;
  private y1 = -1;

  add(first: number, last: number, y: number): void {
    if (first < this.x0) this.x0 = first;
    if (last > this.x1) this.x1 = last;
    if (y < this.y0) this.y0 = y;
    if (y > this.y1) this.y1 = y;
  }

  get box(): Box | null {
    if (this.x1 < 0) return null;
    return [this.x0, this.y0, this.x1 - this.x0 + 1, this.y1 - this.y0 + 1];
  }
}

// ---------------------------------------------------------------- the wire format SDM1

/** SDM1 bytes: 1 bit a pixel if all are 0 or 255, else 8, deflated. The array owns its whole buffer. */
export function pack({ width, height, data }: Mask): Uint8Array<ArrayBuffer> {
  const bits = packBits(width, height, data);
  const pixels = bits ?? data;
  const body = zlibSync(pixels, { level: pixels.length > SMALL ? LEVEL : 0 });
  const blob = new Uint8Array(HEADER + body.length);
  blob.set([0x53, 0x4d, 1, bits ? 1 : 8, width & 255, width >> 8, height & 255, height >> 8]);
  blob.set(body, HEADER);
  return blob;
}

/** The mask in SDM1 bytes. Throws MaskError for anything that is not exactly that. */
export function unpack(blob: Uint8Array): Mask {
  if (blob.length < HEADER) throw new MaskError(`a packed mask has a header of ${HEADER} bytes`);
  const head = new DataView(blob.buffer, blob.byteOffset, HEADER);
  const depth = head.getUint8(3);
  const width = head.getUint16(4, true);
  const height = head.getUint16(6, true);
  if (head.getUint16(0) !== 0x534d) throw new MaskError("a packed mask starts with 'SM'");
  if (head.getUint8(2) !== 1) throw new MaskError(`packed mask of version ${head.getUint8(2)}, not 1`);
  if (depth !== 1 && depth !== 8) throw new MaskError(`a packed mask has depth 1 or 8, not ${depth}`);
  if (!width || !height || width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new MaskError(
      `a packed mask has sides of 1 to ${MAX_SIDE} px, ${MAX_PIXELS} in all, not ${width} x ${height}`,
    );
  }
  const stride = depth === 1 ? (width + 7) >> 3 : width;
  const payload = inflate(blob.subarray(HEADER), stride * height);
  return { width, height, data: depth === 1 ? unpackBits(width, height, payload) : payload };
}

/** Whether a bare deflate stream is whole. One that lacks its last byte is not, unless that byte was no part of it. */
function inflates(stream: Uint8Array, length: number): boolean {
  try {
    inflateSync(stream, { out: new Uint8Array(length + 1) });
    return true;
  } catch {
    return false;
  }
}

/** Never inflates more than `length` bytes and one, so a hostile stream cannot fill the memory. */
function inflate(stream: Uint8Array, length: number): Uint8Array {
  let payload: Uint8Array;
  try {
    payload = unzlibSync(stream, { out: new Uint8Array(length + 1) });
  } catch {
    throw new MaskError("the pixels of a packed mask are damaged");
  }
  if (payload.length !== length)
    throw new MaskError(`a packed mask of this size has ${length} bytes of pixels`);
  // fflate leaves the checksum unread.
  const tail = stream.length - 4;
  const view = new DataView(stream.buffer, stream.byteOffset + tail, 4);
  if (view.getUint32(0) !== adler32(payload)) throw new MaskError("the pixels of a packed mask are damaged");
  if (inflates(stream.subarray(2, tail - 1), length)) throw new MaskError("bytes follow the packed mask");
  return payload.slice();
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < data.length; start += 3800) {
    const end = Math.min(start + 3800, data.length);
    for (let i = start; i < end; i++) {
      a += data[i] as number;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

/** null where a pixel is neither 0 nor 255. */
function packBits(width: number, height: number, data: Uint8Array): Uint8Array | null {
  const bits = new Uint8Array(((width + 7) >> 3) * height);
  for (let y = 0, i = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; at++) {
      let byte = 0;
      for (let bit = 128; bit && x < width; bit >>= 1, x++, i++) {
        const value = data[i];
        if (value === 255) byte |= bit;
        else if (value !== 0) return null;
      }
      bits[at] = byte;
    }
  }
  return bits;
}

function unpackBits(width: number, height: number, bits: Uint8Array): Uint8Array {
  const stride = (width + 7) >> 3;
  const data = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (bits[y * stride + (x >> 3)]! & (128 >> (x & 7))) data[i] = 255;
    }
  }
  return data;
}

// ---------------------------------------------------------------- the brush

/**
 * Paints a round-brush stroke into `mask` and returns the box of pixels that it changed.
 *
 * points: x, y, x, y, ... whole numbers in 1/16 px; one pair is a dab. size: diameter, 1 to 512 px. With
 * r = 8 size, a pixel is painted if its center (16x+8, 16y+8) lies at most r from the line through the
 * points; the pixel that holds a point always is. A long stroke may be drawn piece by piece, each piece
 * beginning with the last point of the one before: the pixels are the same.
 */
export function drawStroke(mask: Mask, points: ArrayLike<number>, size: number, value: number): Box | null {
  const bounds = new Bounds();
  const radius = HALF * size;
  const fill = (y: number, first: number, last: number) => fillRun(mask, y, first, last, value, bounds);
  for (let i = 0; i < points.length; i += 2) {
    const bx = points[i] as number;
    const by = points[i + 1] as number;
    const cell = Math.floor(bx / SUBPIXELS);
    fill(Math.floor(by / SUBPIXELS), cell, cell);
    diskRuns(mask.height, bx, by, radius, fill);
    if (i > 0) stripRuns(mask.height, points[i - 2] as number, points[i - 1] as number, bx, by, radius, fill);
  }
  return bounds.box;
}

/** The pixels `first` to `last` of a row, some of which may lie off the canvas. */
type Run = (y: number, first: number, last: number) => void;

/** The pixels whose centers lie at most `radius` from a point. */
export function diskRuns(height: number, px: number, py: number, radius: number, run: Run): void {
  rowRuns(height, py - radius, py + radius, (y, cy) => {
    const reach = Math.floor(Math.sqrt(radius * radius - (cy - py) ** 2));
    run(y, firstPixel(px - reach), lastPixel(px + reach));
  });
}

/**
 * The pixels whose centers lie at most `radius` beside A->B: |dx py - dy px| <= width and 0 < dx px + dy py < d.d, with
 * p = C - A, solved for px.
 */
export function stripRuns(
  height: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
  run: Run,
): void {
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  if (length2 === 0) return;
  const width = isqrt(BigInt(radius * radius) * BigInt(length2));
  rowRuns(height, Math.min(ay, by) - radius, Math.max(ay, by) + radius, (y, cy) => {
    const py = cy - ay;
    const near = solve(dy, dx * py - width, dx * py + width);
    const beside = solve(dx, 1 - dy * py, length2 - 1 - dy * py);
    run(y, firstPixel(ax + Math.max(near[0], beside[0])), lastPixel(ax + Math.min(near[1], beside[1])));
  });
}

/** The rows of the canvas whose centers lie between `low` and `high`. */
function rowRuns(height: number, low: number, high: number, row: (y: number, cy: number) => void): void {
  const last = Math.min(lastPixel(high), height - 1);
  for (let y = Math.max(firstPixel(low), 0); y <= last; y++) row(y, SUBPIXELS * y + HALF);
}

/** Writes the pixels `first` to `last` of a row; what lies off the canvas is dropped. */
export function fillRun(
  mask: Mask,
  y: number,
  first: number,
  last: number,
  value: number,
  bounds: Bounds,
): void {
  if (y < 0 || y >= mask.height) return;
  const row = y * mask.width;
  let i = row + Math.max(first, 0);
  let end = row + Math.min(last, mask.width - 1);
  while (i <= end && mask.data[i] === value) i++;
  while (end >= i && mask.data[end] === value) end--;
  if (i > end) return;
  mask.data.fill(value, i, end + 1);
  bounds.add(i - row, end - row, y);
}

/** The first pixel of a row or column whose center lies at `low` (1/16 px) or behind. */
export const firstPixel = (low: number) => Math.ceil((low - HALF) / SUBPIXELS);
/** The last pixel whose center lies at `high` or before. */
export const lastPixel = (high: number) => Math.floor((high - HALF) / SUBPIXELS);

/** First and last whole t with low <= factor t <= high; first > last where there is none. */
function solve(factor: number, low: number, high: number): [number, number] {
  if (factor === 0) return low <= 0 && high >= 0 ? [-FAR, FAR] : [FAR, -FAR];
  return factor > 0
    ? [Math.ceil(low / factor), Math.floor(high / factor)]
    : [Math.ceil(high / factor), Math.floor(low / factor)];
}

const FAR = 2 ** 40;

/** The floor of the root of a whole number that a double may not hold; the root itself fits one. */
export function isqrt(n: bigint): number {
  let root = BigInt(Math.floor(Math.sqrt(Number(n))));
  while (root * root > n) root--;
  while ((root + 1n) * (root + 1n) <= n) root++;
  return Number(root);
}
