// The picture under the masks. A new frame fades in over what is there, never through nothing.

import { type Endings, framed, reducedMotion } from "./dom";
import { type Frame, supersedes } from "./frames";
import type { Pixels } from "./similar";
import type { Store } from "./store";

const FADE_MS = 80;

type Drawable = CanvasImageSource & { close?: () => void };

export class Picture {
  readonly element = document.createElement("canvas");
  private shown: Frame | null = null;
  /** How often there was none any more: what was decoded meanwhile is from before. */
  private cleared = 0;
  private incoming: { image: Drawable; start: number; done: number } | null = null;
  private readonly draw = framed((time) => this.drawNow(time));

  /** painted: called when a frame is on screen. */
  constructor(
    store: Store,
    endings: Endings,
    private readonly painted: (frame: Frame) => void,
  ) {
    this.element.className = "sd-picture";
    endings.add(
      store.on("frame", (frame) => (frame ? void this.show(frame) : this.clear())),
      () => this.draw.cancel(),
    );
    if (store.frame) void this.show(store.frame);
  }

  private clear(): void {
    this.finishFade();
    this.cleared++;
    this.shown = null;
    this.element.getContext("2d")?.clearRect(0, 0, this.element.width, this.element.height);
  }

  private async show(frame: Frame): Promise<void> {
    const { cleared } = this;
    let image: Drawable;
    try {
      image = await decode(frame.blob);
    } catch (error) {
      console.warn("semanticdraw_widget: a frame cannot be decoded:", error);
      this.painted(frame);
      return;
    }
    // A later frame may have been decoded sooner.
    if (!supersedes(frame, this.shown) || cleared !== this.cleared) {
      image.close?.();
      this.painted(frame);
      return;
    }
    this.finishFade();
    this.resize(frame.size);
    const first = this.shown === null;
    this.shown = frame;
    this.incoming = { image, start: performance.now(), done: 0 };
    if (first || reducedMotion() || document.hidden) this.finishFade();
    else this.draw();
    this.painted(frame);
  }

  /** What is on screen, of this size in scene px; null where there is none. */
  pixels(width: number, height: number): Pixels | null {
    this.finishFade();
    const fits = this.shown && this.element.width === width && this.element.height === height;
    return fits ? (this.element.getContext("2d")?.getImageData(0, 0, width, height) ?? null) : null;
  }

  private resize([width, height]: readonly [number, number]): void {
    if (this.element.width !== width || this.element.height !== height) {
      this.element.width = width;
      this.element.height = height;
    }
  }

  private drawNow(time: number): void {
    if (!this.incoming) return;
    const { start, done, image } = this.incoming;
    const share = Math.min(Math.max((time - start) / FADE_MS, 0), 1);
    // What is still visible of the old picture shrinks from 1 - done to 1 - share.
    this.paint(image, done < 1 ? (share - done) / (1 - done) : 1);
    this.incoming.done = share;
    if (share >= 1) this.finishFade();
    else this.draw();
  }

  private finishFade(): void {
    if (!this.incoming) return;
    this.paint(this.incoming.image, 1);
    this.incoming.image.close?.();
    this.incoming = null;
  }

  private paint(image: Drawable, alpha: number): void {
    const context = this.element.getContext("2d");
    if (!context) return;
    context.globalAlpha = alpha;
    context.drawImage(image, 0, 0, this.element.width, this.element.height);
  }
}

async function decode(blob: Blob): Promise<Drawable> {
  if ("createImageBitmap" in globalThis) return createImageBitmap(blob);
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
