// The tint over the picture: each pixel in the color of its uppermost region.

import { type Box, commonBox, contentBox, joinBoxes, type Mask } from "./mask";
import { rgb } from "./palette";
import type { Region } from "./scene";
import type { Store } from "./store";

const OPAQUE = 0xff << 24;

export class Tint {
  readonly element = document.createElement("canvas");
  private pixels: ImageData | null = null;
  private stale: Box | null = null;
  /** Outside of its box a mask is 0. */
  private readonly contents = new Map<string, { mask: Mask; box: Box | null }>();

  constructor(private readonly store: Store) {}

  /** A mask has changed in the box; null: all of it. */
  changed(region: string, box: Box | null): void {
    const content = this.contents.get(region);
    if (!box) this.contents.delete(region);
    else if (content) content.box = joinBoxes(content.box, box);
  }

  /** Something looks otherwise: the box of some mask, or everything. */
  refresh(box: Box | null): void {
    this.stale = joinBoxes(this.stale, box ?? [0, 0, ...this.store.size]);
  }

  /** A region lies above or below others than before: only where it has pixels is there another one to see. */
  reordered(region: string): void {
    const box = this.content(region);
    if (box) this.refresh(box);
  }

  /** Mixes it again where it is stale. shown: the regions, the uppermost first. Whether the canvas has another size. */
  mix(shown: readonly Region[]): boolean {
    const { store, element } = this;
    const [width, height] = store.size;
    const context = element.getContext("2d");
    if (!context || !this.stale) return false;
    const resized = !this.pixels || element.width !== width || element.height !== height;
    if (resized) {
      element.width = width;
      element.height = height;
      this.pixels = context.createImageData(width, height);
      this.stale = [0, 0, width, height];
    }
    const pixels = this.pixels as ImageData;
    const words = new Uint32Array(pixels.data.buffer);
    const [x, y, w, h] = this.stale;
    for (let row = y; row < y + h; row++) words.fill(0, row * width + x, row * width + x + w);
    for (const region of shown.toReversed()) this.lay(words, region, this.stale);
    context.putImageData(pixels, 0, 0, x, y, w, h);
    this.stale = null;
    return resized;
  }

  /** Lays a region over what is there. */
  private lay(words: Uint32Array, region: Region, within: Box): void {
    const { data, width } = this.store.mask(region.id);
    const box = commonBox(this.content(region.id), within);
    if (!box) return;
    const [r, g, b] = rgb(region.color);
    const color = (b << 16) | (g << 8) | r;
    const [x, y, w, h] = box;
    for (let row = y; row < y + h; row++) {
      for (let i = row * width + x, end = i + w; i < end; i++) {
        const value = data[i]!;
        if (value === 255) words[i] = OPAQUE | color;
        else if (value) words[i] = over(color, value, words[i]!);
      }
    }
  }

  private content(region: string): Box | null {
    const mask = this.store.mask(region);
    let content = this.contents.get(region);
    if (content?.mask !== mask) {
      content = { mask, box: contentBox(mask) };
      this.contents.set(region, content);
    }
    return content.box;
  }
}

/**
 * A pixel that a region covers in part, over what lies below: words of ImageData, alpha, blue, green and red from the
 * highest byte on. Byte for byte what `tint` of semanticdraw_widget/bench/pen.py says.
 */
export function over(color: number, value: number, below: number): number {
  const mine = 255 * value;
  const theirs = (below >>> 24) * (255 - value);
  if (theirs === 0) return ((value << 24) | color) >>> 0;
  const whole = mine + theirs;
  const red = rounded((color & 255) * mine + (below & 255) * theirs, whole);
  const green = rounded(((color >> 8) & 255) * mine + ((below >> 8) & 255) * theirs, whole);
  const blue = rounded(((color >> 16) & 255) * mine + ((below >> 16) & 255) * theirs, whole);
  return ((rounded(whole, 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** A quotient of whole numbers as the nearest one, halves up. */
const rounded = (a: number, b: number) => ((2 * a + b) / (2 * b)) | 0;
