// The masks over the picture: a tint, the upper region covering the lower as in the picture, and outlines.

import { type Endings, framed, reducedMotion } from "./dom";
import { type Box, contentBox, joinBoxes } from "./mask";
import { type Line, outline } from "./outline";
import { rgb } from "./palette";
import type { Region } from "./scene";
import type { Store } from "./store";
import type { Viewport } from "./viewport";

const STAYS_MS = 1000;
const FADE_MS = 240;
/** Screen px to a scene px from which on the tint shows its pixels. */
const PIXELS_FROM = 4;

export class Overlay {
  readonly element = document.createElement("canvas");
  /** The region that the pointer is on in the list: its outline stands out and the tint shows. */
  hovered: string | null = null;

  private readonly tint = document.createElement("canvas");
  private pixels: ImageData | null = null;
  private stale: Box | null = null;
  private readonly outlines = new Map<string, Path2D>();
  private alpha = 0;
  private shownUntil = 0;
  private lastTime = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly draw = framed((time) => this.drawNow(time));

  constructor(
    private readonly store: Store,
    private readonly viewport: Viewport,
    endings: Endings,
  ) {
    this.element.className = "sd-overlay";
    let looks = "";
    let alone: string | undefined;
    endings.add(
      store.on("mask", ({ region, box }) => {
        this.outlines.delete(region);
        if (!store.stroke) this.hold(STAYS_MS); // undone, cleared or set by Python: see what happened
        this.refresh(box);
      }),
      store.on("regions", () => {
        const now = store.regions.map(({ id, color, visible }) => `${id}${color}${visible}`).join();
        if (now !== looks) this.refresh();
        looks = now;
        this.draw();
      }),
      store.on("values", () => {
        if (store.alone?.id !== alone) this.hold(STAYS_MS);
        alone = store.alone?.id;
        this.refresh();
      }),
      store.on("frame", () => this.draw()),
      store.on("ui", () => this.draw()),
      store.on("stroke", ({ active }) => {
        this.hold(active ? 0 : STAYS_MS);
        this.refresh();
      }),
      () => this.draw.cancel(),
      () => clearTimeout(this.timer),
    );
    this.refresh();
  }

  /** The element's size in CSS px. */
  resize(width: number, height: number, ratio = globalThis.devicePixelRatio || 1): void {
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.element.width === w && this.element.height === h) return;
    this.element.width = w;
    this.element.height = h;
    this.drawNow(this.lastTime);
  }

  /** Another part of the canvas is seen. */
  show(): void {
    this.draw();
  }

  /** The tint stays for so long, then fades. */
  hold(ms: number): void {
    this.shownUntil = performance.now() + ms;
    clearTimeout(this.timer);
    if (ms) this.timer = setTimeout(() => this.draw(), ms);
    this.draw();
  }

  /** Something looks otherwise: the box of some mask, or everything. */
  refresh(box: Box | null = null): void {
    const whole: Box = [0, 0, ...this.store.size];
    this.stale = joinBoxes(this.stale, box ?? whole);
    this.draw();
  }

  // ------------------------------------------------------------ drawing

  private drawNow(time: number): void {
    this.mixTint();
    const context = this.element.getContext("2d");
    if (!context || !this.element.width) return;
    const { store, element } = this;
    const wanted = this.wantsTint() && !store.outlines_only ? store.opacity : 0;
    this.alpha = this.fade(wanted, time);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    const { zoom, left, top } = this.viewport;
    const [across, down] = [(element.width * zoom) / store.size[0], (element.height * zoom) / store.size[1]];
    context.setTransform(across, 0, 0, down, -left * across, -top * down);
    if (store.opacity > 0 || store.outlines_only || store.stroke) this.drawOutlines(context);
    if (this.alpha > 0) {
      context.globalCompositeOperation = "destination-over";
      context.globalAlpha = this.alpha;
      context.imageSmoothingEnabled = across < PIXELS_FROM;
      context.drawImage(this.tint, 0, 0);
      context.globalAlpha = 1;
      context.globalCompositeOperation = "source-over";
    }
    if (this.alpha !== wanted) this.draw();
  }

  private wantsTint(): boolean {
    const { store } = this;
    const unsaid = store.region(store.active)?.prompt.trim() === "";
    return (
      store.stroke !== null ||
      store.pinned ||
      this.hovered !== null ||
      store.frame === null ||
      unsaid ||
      performance.now() < this.shownUntil
    );
  }

  private fade(wanted: number, time: number): number {
    const elapsed = Math.min(Math.max(time - this.lastTime, 0), 34);
    this.lastTime = time;
    if (wanted >= this.alpha || reducedMotion()) return wanted;
    return Math.max(wanted, this.alpha - (elapsed / FADE_MS) * this.store.opacity);
  }

  /** Mixes the tint again where it is stale: each pixel in the color of its uppermost region. */
  private mixTint(): void {
    const { store, tint } = this;
    const [width, height] = store.size;
    const context = tint.getContext("2d");
    if (!context || !this.stale) return;
    if (!this.pixels || tint.width !== width || tint.height !== height) {
      tint.width = width;
      tint.height = height;
      this.pixels = context.createImageData(width, height);
      this.stale = [0, 0, width, height];
      this.outlines.clear();
    }
    const [x0, y0, w, h] = this.stale;
    this.stale = null;
    const words = new Uint32Array(this.pixels.data.buffer);
    const layers = this.order().map((region) => {
      const [r, g, b] = rgb(region.color);
      return { data: store.mask(region.id).data, color: (b << 16) | (g << 8) | r };
    });
    for (let y = y0; y < y0 + h; y++) {
      for (let i = y * width + x0, end = i + w; i < end; i++) {
        let word = 0;
        for (const { data, color } of layers) {
          const value = data[i] as number;
          if (value) {
            word = ((value << 24) | color) >>> 0;
            break;
          }
        }
        words[i] = word;
      }
    }
    context.putImageData(this.pixels, 0, 0, x0, y0, w, h);
  }

  /** The uppermost first; while the pen is down its region is on top, or it would paint unseen. */
  private order(): Region[] {
    const drawn = this.store.stroke?.region;
    const shown = this.store.regions.filter((region) => this.store.shows(region)).reverse();
    return shown.sort((a, b) => Number(b.id === drawn) - Number(a.id === drawn));
  }

  /** What a region covers shows no outline, but for the chosen region, whose outline is whole. */
  private drawOutlines(context: CanvasRenderingContext2D): void {
    const { store, element } = this;
    const css = store.size[0] / ((element.clientWidth || element.width) * this.viewport.zoom);
    const chosen = this.hovered ?? store.active;
    context.lineJoin = context.lineCap = "round";
    const regions = this.order().reverse();
    const last = regions.filter((region) => region.id === chosen);
    for (const region of [...regions.filter((region) => region.id !== chosen), ...last]) {
      const path = this.outlineOf(region);
      const strong = region.id === chosen;
      if (!strong || region === regions.at(-1)) {
        context.globalCompositeOperation = "destination-out";
        context.fill(path, "evenodd");
        context.globalCompositeOperation = "source-over";
      }
      context.strokeStyle = "rgb(0 0 0 / 38%)";
      context.lineWidth = (strong ? 3.5 : 2.5) * css;
      context.stroke(path);
      context.strokeStyle = region.color;
      context.lineWidth = (strong ? 2.25 : 1.25) * css;
      context.stroke(path);
    }
  }

  private outlineOf(region: Region): Path2D {
    let path = this.outlines.get(region.id);
    if (!path) {
      const mask = this.store.mask(region.id);
      path = pathOf(outline(mask, contentBox(mask)));
      this.outlines.set(region.id, path);
    }
    return path;
  }
}

function pathOf(lines: readonly Line[]): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    path.moveTo(line[0]!, line[1]!);
    for (let i = 2; i < line.length; i += 2) path.lineTo(line[i]!, line[i + 1]!);
    path.closePath();
  }
  return path;
}
