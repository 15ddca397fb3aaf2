// The canvas as one sees it: picture, masks, handles, and the brush.

import { type Endings, h } from "./dom";
import { GridLines } from "./gridlines";
import { KeyHand } from "./keyhand";
import { Navigator } from "./navigator";
import { Overlay } from "./overlay";
import { Pen } from "./pen";
import type { Picture } from "./picture";
import { Placement } from "./placement";
import { Preview } from "./preview";
import { Ring } from "./ring";
import { Shaper } from "./shaper";
import type { Store } from "./store";
import { Tether } from "./tether";
import { cursorOf, TransformBox } from "./transformbox";
import { Transformer } from "./transformer";
import { Viewport } from "./viewport";

/** CSS px to a scene px from which on one sees pixels, not a picture made smooth. */
const PIXELS_FROM = 4;

export class Stage {
  readonly element: HTMLElement;
  readonly overlay: Overlay;
  readonly viewport: Viewport;
  readonly transformer: Transformer;
  private readonly shaper: Shaper;
  private readonly pen: Pen;
  private readonly navigator: Navigator;
  private readonly preview = new Preview();
  private readonly grid: GridLines;
  private readonly handles = new TransformBox();
  private readonly sheet = h("div", "sheet", { "aria-hidden": "true" });
  private readonly ring: Ring;
  private readonly tether: Tether;
  private readonly placement: Placement;
  private tool: string;
  private scene: string;

  constructor(
    private readonly store: Store,
    endings: Endings,
    private readonly picture: Picture,
    notes: readonly HTMLElement[],
  ) {
    this.tool = store.tool;
    this.scene = store.size.join();
    this.grid = new GridLines(store, endings);
    this.viewport = new Viewport(() => store.size);
    this.overlay = new Overlay(store, this.viewport, endings);
    const surface = this.overlay.element;
    surface.tabIndex = 0;
    surface.setAttribute("data-testid", "sd-canvas");
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", store.texts.canvas.label);
    this.placement = new Placement(surface, endings);
    const { placement } = this;
    this.ring = new Ring(store, this.viewport, surface, placement, () => this.color, endings);
    this.element = h("div", "stage", {}, this.sheet, picture.element, this.grid.element, surface);
    this.tether = new Tether(this.viewport, () => this.color);
    const marks = [this.preview, this.handles, this.tether, this.ring].map(({ element }) => element);
    this.element.append(...marks, ...notes);

    const scale = () => this.viewport.scale(placement.rect);
    this.shaper = new Shaper(
      store,
      scale,
      () => this.showDraft(),
      () => picture.pixels(...store.size),
    );
    const inSight = (point: [number, number]) => {
      const shares = this.viewport.toShare(...point);
      return shares.every((share) => share > 0.02 && share < 0.98);
    };
    this.transformer = new Transformer(store, scale, inSight);
    const hooks = {
      cancel: () => this.pen.cancel(),
      lift: () => this.pen.lift(),
      drawing: () => this.pen.drawing,
    };
    this.navigator = new Navigator(surface, store, this.viewport, placement, hooks, endings); // before the pen
    const { ring, shaper, transformer, viewport, navigator, tether } = this;
    this.pen = new Pen(surface, store, viewport, placement, shaper, transformer, tether, endings);
    new KeyHand(surface, store, ring, shaper, transformer, viewport, navigator, endings);

    endings.listen(surface, "pointermove", (event) => this.hover(event));
    endings.listen(surface, "blur", () => ring.place(null));
    // Whoever paints with a pointer needs no frame around the canvas.
    endings.listen(surface, "keyup", () => surface.setAttribute("data-keys", ""));
    endings.listen(surface, "pointerdown", () => surface.removeAttribute("data-keys"));
    const show = () => {
      transformer.refresh();
      ring.show();
      this.showDraft();
    };
    endings.add(
      store.on("ui", () => this.showHand()),
      store.on("regions", show),
      store.on("values", () => this.resize()),
      store.on("stroke", () => transformer.refresh()),
      store.on("mask", ({ region }) => transformer.redrawn(region)),
      viewport.on("changed", () => this.showView()),
      transformer.on("changed", () => this.showHandles()),
      () => transformer.apply(),
    );

    const observer = new ResizeObserver(() => this.resize());
    observer.observe(this.element);
    endings.add(() => observer.disconnect());
    this.resize();
  }

  focus(): void {
    this.overlay.element.focus({ preventScroll: true });
  }

  /** Takes back what is being drawn. */
  cancel(): void {
    if (this.transformer.busy) this.transformer.cancel();
    else this.store.endStroke(false);
    this.shaper.cancel();
  }

  /** By a factor, about the pointer or where the keyboard holds the tool, else about the middle; "fit" shows all. */
  zoom(to: number | "fit" | "pixels"): void {
    const { viewport, ring } = this;
    if (to === "fit") viewport.fit();
    else {
      const zoom = to === "pixels" ? 1 / this.shownScale : viewport.zoom * to;
      viewport.zoomTo(zoom, ring.at ? viewport.toShare(ring.at.x, ring.at.y) : undefined);
    }
  }

  /** CSS px to a scene px when the whole canvas fits. */
  get shownScale(): number {
    return (this.element.clientWidth || this.store.size[0]) / this.store.size[0];
  }

  private resize(): void {
    const [width, height] = this.store.size;
    if (this.scene !== this.store.size.join()) {
      this.shaper.cancel();
      this.transformer.refresh();
      this.viewport.fit();
    }
    this.scene = this.store.size.join();
    this.placement.forget();
    this.element.style.aspectRatio = `${width} / ${height}`;
    this.overlay.resize(this.element.clientWidth, this.element.clientHeight);
    this.showView();
  }

  private showView(): void {
    const { zoom, left, top, fits } = this.viewport;
    const [width, height] = this.store.size;
    const [x, y] = [(-100 * left * zoom) / width, (-100 * top * zoom) / height];
    const place = fits ? "" : `translate(${x}%, ${y}%) scale(${zoom})`;
    this.picture.element.style.transform = this.sheet.style.transform = place;
    this.element.toggleAttribute("data-zoomed", !fits);
    this.element.toggleAttribute("data-pixels", this.shownScale * zoom >= PIXELS_FROM);
    this.grid.look([left / width, top / height, 1 / zoom, 1 / zoom]);
    this.overlay.show();
    this.ring.moveAlong();
    this.tether.show();
    this.showDraft();
    this.showHandles();
  }

  private get color(): string {
    return this.store.target?.color ?? this.store.nextColor;
  }

  /** At once, not in the next frame's callback: it is on screen as early as the pointer. */
  private showDraft(): void {
    const { zoom, left, top } = this.viewport;
    const [width, height] = this.store.size;
    this.preview.show(this.shaper.draft, this.color, [left, top, width / zoom, height / zoom]);
  }

  private showHandles(): void {
    const { handles } = this.transformer;
    const toShare = (x: number, y: number) => this.viewport.toShare(x, y);
    // Without handles nobody needs to know how large the stage is.
    const { placement } = this;
    this.handles.show(handles, toShare, handles ? [placement.width, placement.height] : [0, 0]);
  }

  private showHand(): void {
    if (this.tool !== this.store.tool) this.shaper.cancel();
    this.tool = this.store.tool;
    this.overlay.element.style.cursor = "";
    this.transformer.refresh();
    this.ring.showSize();
    this.showDraft();
  }

  private hover(event: PointerEvent): void {
    if (this.store.tool !== "transform" || this.pen.drawing !== null) return;
    const surface = this.overlay.element;
    const at = this.viewport.toScene(this.placement.rect, event.clientX, event.clientY);
    surface.style.cursor = cursorOf(this.transformer.gripAt(...at), this.transformer.handles);
  }
}
