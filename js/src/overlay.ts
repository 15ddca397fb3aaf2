// The masks over the picture: a tint, the upper region covering the lower as in the picture, and outlines.

import { type Endings, framed, reducedMotion } from "./dom";
import type { Box } from "./mask";
import { Outlines } from "./outlines";
import type { Region } from "./scene";
import type { Store } from "./store";
import { Tint } from "./tint";
import type { Viewport } from "./viewport";

const STAYS_MS = 1000;
const FADE_MS = 240;
/** Screen px to a scene px from which on the tint shows its pixels. */
const PIXELS_FROM = 4;

export class Overlay {
  readonly element = document.createElement("canvas");
  /** The region that the pointer is on in the list: its outline stands out and the tint shows. */
  hovered: string | null = null;

  private readonly tint: Tint;
  private readonly outlines: Outlines;
  /** Of the element, CSS px. */
  private width = 0;
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
    this.tint = new Tint(store);
    this.outlines = new Outlines(store);
    let looks = "";
    let alone: string | undefined;
    endings.add(
      store.on("mask", ({ region, box }) => {
        this.outlines.changed(region, box);
        this.tint.changed(region, box);
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
      store.on("stroke", ({ active, region }) => {
        this.hold(active ? 0 : STAYS_MS);
        this.tint.reordered(region);
        this.draw();
      }),
      () => this.draw.cancel(),
      () => clearTimeout(this.timer),
    );
    this.refresh();
  }

  /** The element's size in CSS px. */
  resize(width: number, height: number, ratio = globalThis.devicePixelRatio || 1): void {
    this.width = width;
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
    this.tint.refresh(box);
    this.draw();
  }

  // ------------------------------------------------------------ drawing

  private drawNow(time: number): void {
    if (this.tint.mix(this.order())) this.outlines.clear();
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
      context.drawImage(this.tint.element, 0, 0);
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

  /** The uppermost first; while the pen is down its region is on top, or it would paint unseen. */
  private order(): Region[] {
    const drawn = this.store.stroke?.region;
    const shown = this.store.regions.filter((region) => this.store.shows(region)).reverse();
    return shown.sort((a, b) => Number(b.id === drawn) - Number(a.id === drawn));
  }

  /** What a region covers shows no outline, but for the chosen region, whose outline is whole. */
  private drawOutlines(context: CanvasRenderingContext2D): void {
    const { store, element } = this;
    const css = store.size[0] / ((this.width || element.width) * this.viewport.zoom);
    const chosen = this.hovered ?? store.active;
    context.lineJoin = context.lineCap = "round";
    const regions = this.order().reverse();
    const last = regions.filter((region) => region.id === chosen);
    for (const region of [...regions.filter((region) => region.id !== chosen), ...last]) {
      const path = this.outlines.path(region.id);
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
}
