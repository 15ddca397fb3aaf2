// Pictures from a person's disk or clipboard, as a mask or as the background. The same as to_mask and set_background in
// Python with ImageOps.fit(picture, canvas.size): it fills the canvas, and what is too much of one side is cut off, half
// at each end. A mask is the alpha channel, or the luminance where there is none.

import { imageSize } from "./imagesize";
import type { Texts } from "./language";
import type { Mask } from "./mask";

/** Of canvas_values.py. */
export const MAX_PICTURE_BYTES = 64 * 2 ** 20;
export const MAX_SIDE = 8192;
/** Jupyter's server breaks off the connection at a message of more than 10 MiB. */
const MAX_SENT = 8 * 2 ** 20;

export const PICTURES = ".png,.jpg,.jpeg,.webp,.gif,.bmp,.avif";

/** Says why a picture cannot be used. */
export class PictureError extends Error {}

export const isPicture = ({ name, type }: { readonly name: string; readonly type: string }): boolean =>
  /^image\/(?!svg)/.test(type) || PICTURES.split(",").some((ending) => name.toLowerCase().endsWith(ending));

type Say = Texts["pictures"];
type Size = readonly [width: number, height: number];

/** A picture's pixels, of the size. Throws PictureError. */
export async function pixelsOf(file: Blob, size: Size, name: string, say: Say): Promise<ImageData> {
  return contextOf(await decode(file, name, say), size, say).getImageData(0, 0, ...size);
}

/** A picture as a file of the canvas's size that can be sent: PNG, or JPEG where that is too large. Throws PictureError. */
export async function backgroundOf(file: Blob, size: Size, name: string, say: Say): Promise<DataView> {
  const { canvas } = contextOf(await decode(file, name, say), size, say, "#fff");
  for (const [type, quality] of [["image/png"], ["image/jpeg", 0.95], ["image/jpeg", 0.8]] as const) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, quality));
    if (blob && blob.size <= MAX_SENT) return new DataView(await blob.arrayBuffer());
  }
  throw new PictureError(say.tooLargeToSend(name));
}

/** What a picture covers. */
export function maskOf({ width, height, data }: ImageData): Mask {
  const mask = new Uint8Array(width * height);
  let clear = false;
  for (let i = 3; i < data.length && !clear; i += 4) clear = data[i] !== 255;
  for (let i = 0, at = 0; i < mask.length; i++, at += 4) {
    // As Pillow weighs red, green and blue.
    mask[i] = clear
      ? data[at + 3]!
      : (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
  }
  return { width, height, data: mask };
}

/** The largest part of a picture, in its middle, that has the proportions of `size`: x, y, width, height. */
export function middle([width, height]: Size, size: Size): [number, number, number, number] {
  const scale = Math.min(width / size[0], height / size[1]);
  const [across, down] = [size[0] * scale, size[1] * scale];
  return [(width - across) / 2, (height - down) / 2, across, down];
}

const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** That a picture can be decoded without harm: nobody has to look at its pixels for that. Throws PictureError. */
export async function checkPicture(file: Blob, name: string, say: Say): Promise<void> {
  if (file.size > MAX_PICTURE_BYTES)
    throw new PictureError(say.tooLarge(name, mib(file.size), mib(MAX_PICTURE_BYTES)));
  const size = await imageSize(file).catch(() => null);
  if (!size) throw new PictureError(say.unreadable(name));
  if (Math.max(...size) > MAX_SIDE) throw new PictureError(say.tooWide(name, ...size, MAX_SIDE));
}

async function decode(file: Blob, name: string, say: Say): Promise<ImageBitmap> {
  await checkPicture(file, name, say);
  let image: ImageBitmap;
  try {
    // Pixels as they are in the file, as Pillow reads them; but upright.
    image = await createImageBitmap(file, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  } catch {
    throw new PictureError(say.unreadable(name));
  }
  const { width, height } = image;
  if (Math.max(width, height) <= MAX_SIDE) return image;
  image.close(); // its header lied
  throw new PictureError(say.tooWide(name, width, height, MAX_SIDE));
}

/** Clear parts lie on `paper` where it is given, since a background has none. */
function contextOf(
  image: ImageBitmap,
  [width, height]: Size,
  say: Say,
  paper?: string,
): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new PictureError(say.noCanvas);
  context.imageSmoothingQuality = "high";
  if (paper) {
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
  }
  const [x, y, across, down] = middle([image.width, image.height], [width, height]);
  context.drawImage(image, x, y, across, down, 0, 0, width, height);
  image.close();
  return context;
}
