// Pointer events into strokes, shapes and transforms: mouse, finger, pen with pressure, the pen's eraser end.

import type { Endings } from "./dom";
import { pick } from "./pick";
import type { Placement } from "./placement";
import { isBrush } from "./ring";
import { isShapeTool, type Modifiers, type Shaper } from "./shaper";
import type { Store } from "./store";
import type { Transformer } from "./transformer";
import type { Viewport } from "./viewport";

/** Of the brush size, where the pen barely touches. */
const PRESSURE_FLOOR = 0.3;
const ERASER_BUTTON = 32;

export class Pen {
  private pointer: number | null = null;
  /** The eraser end is down. */
  private erases = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly placement: Placement,
    private readonly shaper: Shaper,
    private readonly transformer: Transformer,
    endings: Endings,
  ) {
    endings.listen(element, "pointerdown", (event) => this.down(event));
    endings.listen(element, "pointermove", (event) => this.move(event));
    endings.listen(element, "pointerup", (event) => this.up(event, true));
    endings.listen(element, "pointercancel", (event) => this.up(event, false));
    endings.listen(element, "lostpointercapture", (event) => this.up(event, false));
    endings.listen(element, "dblclick", () => this.store.tool === "lasso" && shaper.close());
    endings.listen(element, "contextmenu", (event) => event.preventDefault());
    endings.add(() => this.pointer !== null && store.endStroke());
  }

  /** A pointer is down and draws. */
  get drawing(): boolean {
    return this.pointer !== null;
  }

  /** Takes back what the pointer draws, and lets it go. */
  cancel(): void {
    if (this.pointer === null) return;
    this.pointer = null;
    if (this.transformer.busy) this.transformer.letGo();
    else this.store.endStroke(false);
    this.shaper.cancel();
  }

  private down(event: PointerEvent): void {
    const erases = (event.buttons & ERASER_BUTTON) !== 0;
    if (this.pointer !== null || !event.isPrimary || (event.button !== 0 && !erases)) return;
    event.preventDefault(); // no text selection, no focus jump
    this.element.focus({ preventScroll: true });
    this.erases = erases;
    if (!this.begin(event)) return;
    this.pointer = event.pointerId;
    try {
      this.element.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already; `pointerup` follows all the same.
    }
    this.add([event]);
  }

  private begin(event: PointerEvent): boolean {
    const { store } = this;
    const { tool } = store;
    const [x, y] = this.place(event);
    const picks = event.altKey && (isBrush(tool) || tool === "transform");
    if (picks || tool === "eyedropper") {
      pick(store, x, y);
      return false;
    }
    if (tool === "transform") return this.transformer.press(x, y, event.pointerType === "touch");
    if (isShapeTool(tool)) return this.shaper.press(x, y, this.modifiers(event));
    return isBrush(tool) && store.beginStroke(this.erases || tool === "eraser" ? 0 : 255) !== null;
  }

  private move(event: PointerEvent): void {
    const hovers = this.pointer === null && event.isPrimary && this.shaper.busy;
    if (event.pointerId !== this.pointer && !hovers) return;
    // Missing outside secure contexts, empty in some browsers.
    const between = event.getCoalescedEvents?.() ?? [];
    this.add(between.length ? between : [event]);
  }

  /** A shape that the browser breaks off is dropped; a stroke keeps what it painted. */
  private up(event: PointerEvent, whole: boolean): void {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    if (this.transformer.busy) {
      if (whole) this.transformer.release();
      else this.transformer.letGo();
    } else {
      this.store.endStroke();
    }
    if (whole) this.shaper.release();
    else this.shaper.cancel();
    this.erases = false;
  }

  private add(events: readonly PointerEvent[]): void {
    const path = events.map((event) => this.place(event));
    const last = events.at(-1)!;
    if (this.transformer.busy) {
      this.transformer.move(...path.at(-1)!, last.shiftKey);
      return;
    }
    const { stroke, brush } = this.store;
    events.forEach(({ pointerType, pressure }, i) => {
      const share = pointerType === "pen" ? PRESSURE_FLOOR + (1 - PRESSURE_FLOOR) * pressure : 1;
      stroke?.to(...path[i]!, brush * share);
    });
    this.shaper.move(path, this.modifiers(last));
  }

  private modifiers(event: PointerEvent): Modifiers {
    return { constrain: event.shiftKey, takesAway: event.altKey || this.erases };
  }

  /** Scene px of an event. */
  private place({ clientX, clientY }: PointerEvent): [number, number] {
    return this.viewport.toScene(this.placement.rect, clientX, clientY);
  }
}
