// Pointer events into strokes and shapes: mouse, finger, pen with pressure, the pen's eraser end.

import type { Endings } from "./dom";
import { isShapeTool, type Modifiers, type Shaper } from "./shaper";
import type { Store } from "./store";

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
    private readonly shaper: Shaper,
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

  private down(event: PointerEvent): void {
    const erases = (event.buttons & ERASER_BUTTON) !== 0;
    if (this.pointer !== null || !event.isPrimary || (event.button !== 0 && !erases)) return;
    event.preventDefault(); // no text selection, no focus jump
    this.element.focus({ preventScroll: true });
    this.erases = erases;
    const value = erases || this.store.tool === "eraser" ? 0 : 255;
    const begun = isShapeTool(this.store.tool)
      ? this.shaper.press(...this.place(event), this.modifiers(event))
      : this.store.beginStroke(value);
    if (!begun) return;
    this.pointer = event.pointerId;
    try {
      this.element.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already; `pointerup` follows all the same.
    }
    this.add([event]);
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
    this.store.endStroke();
    if (whole) this.shaper.release();
    else this.shaper.cancel();
    this.erases = false;
  }

  private add(events: readonly PointerEvent[]): void {
    const { stroke, brush } = this.store;
    const path = events.map((event) => this.place(event));
    events.forEach(({ pointerType, pressure }, i) => {
      const share = pointerType === "pen" ? PRESSURE_FLOOR + (1 - PRESSURE_FLOOR) * pressure : 1;
      stroke?.to(...path[i]!, brush * share);
    });
    this.shaper.move(path, this.modifiers(events.at(-1)!));
  }

  private modifiers(event: PointerEvent): Modifiers {
    return { constrain: event.shiftKey, takesAway: event.altKey || this.erases };
  }

  /** Scene px of an event. */
  private place(event: PointerEvent): [number, number] {
    const rect = this.element.getBoundingClientRect();
    const [width, height] = this.store.size;
    return [
      ((event.clientX - rect.left) * width) / rect.width,
      ((event.clientY - rect.top) * height) / rect.height,
    ];
  }
}
