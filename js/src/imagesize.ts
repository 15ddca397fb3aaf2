// Width and height of a picture file, from its first bytes: a file of some kilobytes may unfold to gigabytes of pixels,
// so this is asked before a browser decodes it.

export type ImageSize = readonly [width: number, height: number];

/** Parts of a JPEG or AVIF file that are looked at. */
const MAX_PARTS = 4096;
/** Bytes of an AVIF file's description. */
const MAX_META = 2 ** 20;
const HEAD = 32;

/** null for a file that is no PNG, JPEG, WebP, GIF, BMP or AVIF, or one whose size is not found. */
export async function imageSize(file: Blob): Promise<ImageSize | null> {
  const head = await read(file, 0, HEAD);
  const starts = (text: string, at = 0) => latin(head, at, text.length) === text;
  let size: ImageSize | null = null;
  try {
    if (starts("\x89PNG\r\n\x1a\n")) size = [head.getUint32(16), head.getUint32(20)];
    else if (starts("GIF8")) size = [head.getUint16(6, true), head.getUint16(8, true)];
    else if (starts("BM")) size = bmp(head);
    else if (starts("RIFF") && starts("WEBP", 8)) size = webp(head);
    else if (starts("\xff\xd8")) size = await jpeg(file);
    else if (starts("ftyp", 4)) size = await avif(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it ends too soon
  }
  return size?.every((side) => side > 0) ? size : null;
}

function bmp(head: DataView): ImageSize {
  if (head.getUint32(14, true) === 12) return [head.getUint16(18, true), head.getUint16(20, true)];
  return [head.getInt32(18, true), Math.abs(head.getInt32(22, true))]; // below 0: from the top down
}

function webp(head: DataView): ImageSize | null {
  switch (latin(head, 12, 4)) {
    case "VP8 ":
      return [head.getUint16(26, true) & 0x3fff, head.getUint16(28, true) & 0x3fff];
    case "VP8L": {
      const bits = head.getUint32(21, true);
      return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
    }
    case "VP8X": // 24 bits each
      return [1 + (head.getUint32(24, true) & 0xffffff), 1 + (head.getUint32(26, true) >>> 8)];
    default:
      return null;
  }
}

/** Its segments one after the other, until one that begins a frame. */
async function jpeg(file: Blob): Promise<ImageSize | null> {
  let at = 2;
  for (let i = 0; i < MAX_PARTS; i++) {
    const part = await read(file, at, 9);
    if (part.getUint8(0) !== 0xff) return null;
    const marker = part.getUint8(1);
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return [part.getUint16(7), part.getUint16(5)];
    if (marker === 0xd9 || marker === 0xda) return null; // its end, or pixels already
    // Filling, or a marker that stands alone.
    if (marker === 0xff) at += 1;
    else if (marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + part.getUint16(2);
  }
  return null;
}

/** Its boxes one after the other, until the description; the largest of the pictures in it, which the others make up. */
async function avif(file: Blob): Promise<ImageSize | null> {
  let at = 0;
  for (let i = 0; i < MAX_PARTS && at < file.size; i++) {
    const head = await read(file, at, 16);
    const long = head.getUint32(0) === 1;
    const length = long ? Number(head.getBigUint64(8)) : head.getUint32(0) || file.size - at;
    if (latin(head, 4, 4) === "meta") return largest(await read(file, at, Math.min(length, MAX_META)));
    if (length < 8) return null;
    at += length;
  }
  return null;
}

function largest(meta: DataView): ImageSize | null {
  let size: ImageSize | null = null;
  for (let at = 0; at + 16 <= meta.byteLength; at++) {
    if (meta.getUint32(at) !== 0x69737065) continue; // "ispe"
    const found: ImageSize = [meta.getUint32(at + 8), meta.getUint32(at + 12)];
    if (!size || found[0] * found[1] > size[0] * size[1]) size = found;
  }
  return size;
}

const read = async (file: Blob, from: number, count: number) =>
  new DataView(await file.slice(from, from + count).arrayBuffer());

const latin = (bytes: DataView, at: number, count: number) => {
  if (at + count > bytes.byteLength) return "";
  return String.fromCharCode(...new Uint8Array(bytes.buffer, bytes.byteOffset + at, count));
};
