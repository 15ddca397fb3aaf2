// The ring of the brush, in true size and the color of its region, and the mark where the keyboard holds a tool.

import { type Endings, h } from "./dom";
import type { Placement } from "./placement";
import { isShapeTool } from "./shaper";
import { HARD } from "./softedge";
import type { Store, Tool } from "./store";
import type { Viewport } from "./viewport";

const SAMPLE_MS = 900;
/** Of the mark where the keyboard holds a tool that has no size, CSS px. */
const POINT_PX = 10;
/** In a smaller ring nobody could tell the core from the edge, CSS px. */
const SHOWS_CORE = 16;

/** Whether a tool is used at a point, without a size of its own. */
export const isPointTool = (tool: Tool) => isShapeTool(tool) || tool === "eyedropper";
/** Whether a tool paints with the brush. */
export const isBrush = (tool: Tool) => tool === "brush" || tool === "eraser";

export class Ring {
  readonly element = h("div", "ring", { "aria-hidden": "true" });
  /** Where the tool is, scene px; null if nowhere. */
  at: { x: number; y: number } | null = null;
  /** It was the keyboard that moved it. */
  byKeys = false;
  /** Where the pointer is on the page. */
  private pointer: { clientX: number; clientY: number } | null = null;
  private penDown = false;
  private brush: string;
  private sample: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly surface: HTMLElement,
    private readonly placement: Placement,
    private readonly color: () => string,
    endings: Endings,
  ) {
    this.brush = `${store.brush} ${store.hardness}`;
    endings.listen(surface, "pointermove", (event) => this.point(event));
    endings.listen(surface, "pointerdown", (event) => this.point(event));
    endings.listen(surface, "pointerleave", (event) => this.rests(event) || this.place(null));
    endings.add(() => clearTimeout(this.sample));
  }

  /** The pointer, not the keyboard, holds the tool over the canvas. */
  get underPointer(): boolean {
    return this.pointer !== null && this.at !== null && !this.byKeys;
  }

  place(at: { x: number; y: number } | null): void {
    clearTimeout(this.sample);
    this.sample = undefined;
    this.at = at;
    if (!at) this.pointer = null;
    this.show();
  }

  /** Another part of the canvas is seen: the pointer is over another place. */
  moveAlong(): void {
    if (this.pointer && this.underPointer) this.at = this.under(this.pointer);
    this.show();
  }

  /** A brush that changes its size or its hardness shows it, wherever the pointer is. */
  showSize(): void {
    const brush = `${this.store.brush} ${this.store.hardness}`;
    if (this.brush !== brush && (this.at === null || this.sample)) {
      const { left, top, width, height } = this.placement.rect;
      this.place(this.under({ clientX: left + width / 2, clientY: top + height / 2 }));
      clearTimeout(this.sample);
      this.sample = setTimeout(() => this.place(null), SAMPLE_MS);
    }
    this.brush = brush;
    this.show();
  }

  show(): void {
    const { store, element, surface, at, viewport } = this;
    const { tool } = store;
    surface.dataset.tool = tool;
    element.hidden = at === null || !(isBrush(tool) || (isPointTool(tool) && this.byKeys));
    if (!at || element.hidden) return;
    const { width, height } = this.placement;
    const scale = (width * viewport.zoom) / store.size[0];
    const size = isBrush(tool) ? Math.max(store.brush * scale, 4) : POINT_PX;
    const [across, down] = viewport.toShare(at.x, at.y);
    const [x, y] = [across * width - size / 2, down * height - size / 2];
    element.style.width = element.style.height = `${size}px`;
    element.style.transform = `translate(${x}px, ${y}px)`;
    element.dataset.tool = tool;
    element.toggleAttribute("data-soft", isBrush(tool) && store.hardness < HARD && size >= SHOWS_CORE);
    element.style.setProperty("--sd-core", String(store.hardness / HARD));
    element.style.setProperty("--sd-color", this.color());
  }

  /** It is a finger of the hand that holds the pen. */
  private rests({ pointerType, buttons }: PointerEvent): boolean {
    if (pointerType !== "touch") this.penDown = pointerType === "pen" && buttons !== 0;
    return pointerType === "touch" && this.penDown;
  }

  private point(event: PointerEvent): void {
    if (this.rests(event)) return;
    this.byKeys = false;
    if (event.pointerType === "touch") {
      this.place(null); // a finger hides what a ring would show
      return;
    }
    this.place(this.under(event));
    this.pointer = { clientX: event.clientX, clientY: event.clientY };
  }

  private under({ clientX, clientY }: { clientX: number; clientY: number }): { x: number; y: number } {
    const [x, y] = this.viewport.toScene(this.placement.rect, clientX, clientY);
    return { x, y };
  }
}
