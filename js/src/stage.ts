// The canvas as one sees it: picture, masks, and the brush.

import { type Endings, h } from "./dom";
import { Overlay } from "./overlay";
import { Pen } from "./pen";
import type { Store } from "./store";

const SAMPLE_MS = 900;

export class Stage {
  readonly element: HTMLElement;
  readonly overlay: Overlay;
  private readonly ring = h("div", "ring", { "aria-hidden": "true" });
  /** Where the brush is, scene px; null if nowhere. */
  private at: { x: number; y: number } | null = null;
  private keyStroke = false;
  private brush: number;
  private sample: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    endings: Endings,
    picture: HTMLCanvasElement,
    notes: readonly HTMLElement[],
  ) {
    this.brush = store.brush;
    this.overlay = new Overlay(store, endings);
    const surface = this.overlay.element;
    surface.tabIndex = 0;
    surface.setAttribute("data-testid", "sd-canvas");
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", "Canvas. Arrow keys move the brush, Space paints.");
    this.element = h("div", "stage", {}, picture, surface, this.ring, ...notes);
    new Pen(surface, store, endings);

    endings.listen(surface, "pointermove", (event) => this.point(event));
    endings.listen(surface, "pointerdown", (event) => this.point(event));
    endings.listen(surface, "pointerleave", () => this.place(null));
    endings.listen(surface, "keydown", (event) => this.keyDown(event));
    endings.listen(surface, "keyup", (event) => event.key === " " && this.endKeyStroke());
    endings.listen(surface, "blur", () => {
      this.endKeyStroke();
      this.place(null);
    });
    // Whoever paints with a pointer needs no frame around the canvas.
    endings.listen(surface, "keyup", () => surface.setAttribute("data-keys", ""));
    endings.listen(surface, "pointerdown", () => surface.removeAttribute("data-keys"));
    const show = () => this.showRing();
    endings.add(
      store.on("ui", () => this.showSize()),
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

  private resize(): void {
    const [width, height] = this.store.size;
    this.element.style.aspectRatio = `${width} / ${height}`;
    this.overlay.resize(this.element.clientWidth, this.element.clientHeight);
    this.showRing();
  }

  // ------------------------------------------------------------ the ring

  private point(event: PointerEvent): void {
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
    ring.hidden = at === null;
    if (!at) return;
    const size = Math.max(store.brush * scale, 4);
    ring.style.width = ring.style.height = `${size}px`;
    ring.style.transform = `translate(${at.x * scale - size / 2}px, ${at.y * scale - size / 2}px)`;
    ring.dataset.tool = store.tool;
    const region = store.region(store.active) ?? store.regions.at(-1);
    ring.style.setProperty("--sd-color", region?.color ?? store.nextColor);
  }

  // ------------------------------------------------------------ painting by keys

  private keyDown(event: KeyboardEvent): void {
    const direction = {
      ArrowLeft: [-1, 0] as const,
      ArrowRight: [1, 0] as const,
      ArrowUp: [0, -1] as const,
      ArrowDown: [0, 1] as const,
    }[event.key];
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plain || (!direction && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    const [width, height] = this.store.size;
    const { x, y } = this.at ?? { x: width / 2, y: height / 2 };
    if (direction) {
      const step = event.shiftKey ? 1 : Math.max(2, Math.round(this.store.brush / 4));
      this.place({
        x: Math.min(Math.max(x + direction[0] * step, 0), width),
        y: Math.min(Math.max(y + direction[1] * step, 0), height),
      });
    } else if (!event.repeat && !this.keyStroke) {
      this.place({ x, y });
      this.keyStroke = this.store.beginStroke(this.store.tool === "eraser" ? 0 : 255) !== null;
    }
    if (this.keyStroke && this.at) this.store.stroke?.to(this.at.x, this.at.y, this.store.brush);
  }

  private endKeyStroke(): void {
    if (this.keyStroke) this.store.endStroke();
    this.keyStroke = false;
  }
}
