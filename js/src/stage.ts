// The canvas as one sees it: picture, masks, and the brush.

import { type Endings, h } from "./dom";
import { GridLines } from "./gridlines";
import { Overlay } from "./overlay";
import { Pen } from "./pen";
import { Preview } from "./preview";
import { isShapeTool, Shaper } from "./shaper";
import type { Store } from "./store";

const SAMPLE_MS = 900;
/** Of the mark where the keyboard holds a shape tool, CSS px. */
const POINT_PX = 10;

export class Stage {
  readonly element: HTMLElement;
  readonly overlay: Overlay;
  private readonly shaper: Shaper;
  private readonly preview = new Preview();
  private readonly grid: GridLines;
  private readonly ring = h("div", "ring", { "aria-hidden": "true" });
  /** Where the brush is, scene px; null if nowhere. */
  private at: { x: number; y: number } | null = null;
  private keyStroke = false;
  /** It was the keyboard that moved it. */
  private byKeys = false;
  private brush: number;
  private tool: string;
  private scene: string;
  private sample: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    endings: Endings,
    picture: HTMLCanvasElement,
    notes: readonly HTMLElement[],
  ) {
    this.brush = store.brush;
    this.tool = store.tool;
    this.scene = store.size.join();
    this.overlay = new Overlay(store, endings);
    this.grid = new GridLines(store, endings);
    const surface = this.overlay.element;
    surface.tabIndex = 0;
    surface.setAttribute("data-testid", "sd-canvas");
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", "Canvas. Arrow keys move the tool, Space presses it.");
    this.element = h(
      "div",
      "stage",
      {},
      picture,
      this.grid.element,
      surface,
      this.preview.element,
      this.ring,
      ...notes,
    );
    const scale = () => store.size[0] / (surface.getBoundingClientRect().width || 1);
    this.shaper = new Shaper(store, scale, () => this.showDraft());
    new Pen(surface, store, this.shaper, endings);

    endings.listen(surface, "pointermove", (event) => this.point(event));
    endings.listen(surface, "pointerdown", (event) => this.point(event));
    endings.listen(surface, "pointerleave", () => this.place(null));
    endings.listen(surface, "keydown", (event) => this.keyDown(event));
    endings.listen(surface, "keyup", (event) => this.keyUp(event));
    endings.listen(surface, "blur", () => {
      this.endKeyStroke();
      this.place(null);
    });
    // Whoever paints with a pointer needs no frame around the canvas.
    endings.listen(surface, "keyup", () => surface.setAttribute("data-keys", ""));
    endings.listen(surface, "pointerdown", () => surface.removeAttribute("data-keys"));
    const show = () => {
      this.showRing();
      this.showDraft();
    };
    endings.add(
      store.on("ui", () => this.showHand()),
      store.on("regions", show),
      store.on("values", () => this.resize()),
    );

    const observer = new ResizeObserver(() => this.resize());
    observer.observe(this.element);
    endings.add(
      () => observer.disconnect(),
      () => clearTimeout(this.sample),
    );
    this.resize();
  }

  focus(): void {
    this.overlay.element.focus({ preventScroll: true });
  }

  /** Takes back what is being drawn. */
  cancel(): void {
    this.store.endStroke(false);
    this.shaper.cancel();
  }

  private resize(): void {
    const [width, height] = this.store.size;
    if (this.scene !== this.store.size.join()) this.shaper.cancel();
    this.scene = this.store.size.join();
    this.element.style.aspectRatio = `${width} / ${height}`;
    this.overlay.resize(this.element.clientWidth, this.element.clientHeight);
    this.showRing();
    this.showDraft();
  }

  private get color(): string {
    return this.store.target?.color ?? this.store.nextColor;
  }

  /** At once, not in the next frame's callback: it is on screen as early as the pointer. */
  private showDraft(): void {
    this.preview.show(this.shaper.draft, this.color, this.store.size);
  }

  private showHand(): void {
    if (this.tool !== this.store.tool) this.shaper.cancel();
    this.tool = this.store.tool;
    this.showSize();
    this.showDraft();
  }

  // ------------------------------------------------------------ the ring

  private point(event: PointerEvent): void {
    this.byKeys = false;
    if (event.pointerType === "touch") {
      this.place(null); // a finger hides what a ring would show
      return;
    }
    const rect = this.element.getBoundingClientRect();
    const scale = this.store.size[0] / rect.width;
    this.place({ x: (event.clientX - rect.left) * scale, y: (event.clientY - rect.top) * scale });
  }

  /** A brush that changes its size shows it, wherever the pointer is. */
  private showSize(): void {
    if (this.brush !== this.store.brush && (this.at === null || this.sample)) {
      const [width, height] = this.store.size;
      this.place({ x: width / 2, y: height / 2 });
      clearTimeout(this.sample);
      this.sample = setTimeout(() => this.place(null), SAMPLE_MS);
    }
    this.brush = this.store.brush;
    this.showRing();
  }

  private place(at: { x: number; y: number } | null): void {
    clearTimeout(this.sample);
    this.sample = undefined;
    this.at = at;
    this.showRing();
  }

  private showRing(): void {
    const { store, ring, at } = this;
    const scale = this.element.clientWidth / store.size[0];
    const shape = isShapeTool(store.tool);
    this.overlay.element.dataset.tool = store.tool;
    ring.hidden = at === null || (shape && !this.byKeys);
    if (!at) return;
    const size = shape ? POINT_PX : Math.max(store.brush * scale, 4);
    ring.style.width = ring.style.height = `${size}px`;
    ring.style.transform = `translate(${at.x * scale - size / 2}px, ${at.y * scale - size / 2}px)`;
    ring.dataset.tool = store.tool;
    ring.style.setProperty("--sd-color", this.color);
  }

  // ------------------------------------------------------------ drawing by keys

  private keyDown(event: KeyboardEvent): void {
    const direction = {
      ArrowLeft: [-1, 0] as const,
      ArrowRight: [1, 0] as const,
      ArrowUp: [0, -1] as const,
      ArrowDown: [0, 1] as const,
    }[event.key];
    const shape = isShapeTool(this.store.tool);
    if (event.key === "Shift" || event.key === "Alt") this.modify(event, true);
    const ends = { Enter: () => this.shaper.close(), Escape: () => this.shaper.cancel() }[event.key];
    if (ends && this.shaper.busy) {
      event.preventDefault();
      event.stopPropagation();
      ends();
      return;
    }
    const plain = !event.ctrlKey && !event.metaKey && (shape || !event.altKey);
    if (!plain || (!direction && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    const [width, height] = this.store.size;
    const { x, y } = this.at ?? { x: width / 2, y: height / 2 };
    const modifiers = { constrain: false, takesAway: event.altKey }; // Shift is for small steps
    this.byKeys = true;
    if (direction) {
      const step = event.shiftKey ? 1 : Math.max(2, Math.round(this.store.brush / 4));
      this.place({
        x: Math.min(Math.max(x + direction[0] * step, 0), width),
        y: Math.min(Math.max(y + direction[1] * step, 0), height),
      });
    } else if (!event.repeat && !this.keyStroke) {
      this.place({ x, y });
      this.keyStroke = shape
        ? this.shaper.press(x, y, modifiers)
        : this.store.beginStroke(this.store.tool === "eraser" ? 0 : 255) !== null;
    }
    if (!this.at) return;
    if (this.keyStroke) this.store.stroke?.to(this.at.x, this.at.y, this.store.brush);
    this.shaper.move([[this.at.x, this.at.y]], modifiers);
  }

  private keyUp(event: KeyboardEvent): void {
    if (event.key === " ") this.endKeyStroke();
    if (event.key === "Shift" || event.key === "Alt") this.modify(event, false);
  }

  /** Shift and Alt count at once, even while the pointer rests. */
  private modify(event: KeyboardEvent, down: boolean): void {
    if (!this.shaper.busy || this.keyStroke) return;
    if (event.key === "Alt") event.preventDefault(); // no menu bar
    this.shaper.modify({
      constrain: event.key === "Shift" ? down : event.shiftKey,
      takesAway: event.key === "Alt" ? down : event.altKey,
    });
  }

  private endKeyStroke(): void {
    if (this.keyStroke) {
      this.store.endStroke();
      this.shaper.release();
    }
    this.keyStroke = false;
  }
}
