// Pointer events into strokes, shapes and transforms: mouse, finger, pen with pressure, the pen's eraser end.

import type { Endings } from "./dom";
import { pick } from "./pick";
import type { Placement } from "./placement";
import { isBrush } from "./ring";
import { isShapeTool, type Modifiers, type Shaper } from "./shaper";
import { type Place, SteadyHand, stringLength } from "./steady";
import type { Store } from "./store";
import type { Stroke } from "./stroke";
import type { Tether } from "./tether";
import type { Transformer } from "./transformer";
import type { Viewport } from "./viewport";

/** Of the brush size, where the pen barely touches. */
const PRESSURE_FLOOR = 0.3;
const ERASER_BUTTON = 32;

export class Pen {
  private pointer: number | null = null;
  /** The eraser end is down. */
  private erases = false;
  private steady = new SteadyHand(0);
  /** Of the brush where the ink is, scene px. */
  private size = 1;

  constructor(
    private readonly element: HTMLElement,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly placement: Placement,
    private readonly shaper: Shaper,
    private readonly transformer: Transformer,
    private readonly tether: Tether,
    endings: Endings,
  ) {
    endings.listen(element, "pointerdown", (event) => this.down(event));
    endings.listen(element, "pointermove", (event) => this.move(event));
    endings.listen(element, "pointerup", (event) => this.up(event, true));
    endings.listen(element, "pointercancel", (event) => this.up(event, false));
    endings.listen(element, "lostpointercapture", (event) => this.up(event, false));
    endings.listen(element, "dblclick", () => this.store.tool === "lasso" && shaper.close());
    endings.listen(element, "contextmenu", (event) => event.preventDefault());
    endings.add(
      store.on("stroke", ({ active }) => active || tether.tie(null, null)), // whoever has ended it
      () => this.pointer !== null && store.endStroke(),
    );
  }

  /** The pointer that is down and draws; null for none. */
  get drawing(): number | null {
    return this.pointer;
  }

  /** Takes back what the pointer draws, and lets it go. Of a lasso whose corners are being clicked that is the last. */
  cancel(): void {
    if (this.pointer === null) return;
    this.letGo();
    if (this.transformer.busy) this.transformer.letGo();
    else this.store.endStroke(false);
    this.shaper.back();
  }

  /** What the pointer draws is done, as if it were lifted. */
  lift(): void {
    if (this.pointer !== null) this.end(true);
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
    this.steady = new SteadyHand(stringLength(store.steady) * this.viewport.scale(this.placement.rect));
    return isBrush(tool) && store.beginStroke(this.erases || tool === "eraser" ? 0 : 255) !== null;
  }

  private move(event: PointerEvent): void {
    const hovers = this.pointer === null && event.isPrimary && this.shaper.busy;
    if (event.pointerId !== this.pointer && !hovers) return;
    // Missing outside secure contexts, empty in some browsers.
    const between = event.getCoalescedEvents?.() ?? [];
    this.add(between.length ? between : [event]);
  }

  private up(event: PointerEvent, whole: boolean): void {
    if (event.pointerId === this.pointer) this.end(whole);
  }

  /** A shape that the browser breaks off is dropped; a stroke keeps what it painted. */
  private end(whole: boolean): void {
    const { store, transformer, shaper } = this;
    const rest = whole ? this.steady.catchUp() : null;
    if (rest) store.stroke?.to(...rest, this.size, store.hardness);
    this.letGo();
    if (!transformer.busy) store.endStroke();
    else if (whole) transformer.release();
    else transformer.letGo();
    if (whole) shaper.release();
    else shaper.back();
  }

  private letGo(): void {
    this.pointer = null;
    this.erases = false;
    this.steady = new SteadyHand(0);
    this.tether.tie(null, null);
  }

  private add(events: readonly PointerEvent[]): void {
    const path = events.map((event) => this.place(event));
    const last = events.at(-1)!;
    if (this.transformer.busy) {
      this.transformer.move(...path.at(-1)!, last.shiftKey);
      return;
    }
    const { stroke } = this.store;
    for (const [i, event] of stroke ? events.entries() : []) this.draw(stroke as Stroke, event, path[i]!);
    this.shaper.move(path, this.modifiers(last));
  }

  private draw(stroke: Stroke, { pointerType, pressure }: PointerEvent, place: Place): void {
    const { steady, store } = this;
    const share = pointerType === "pen" ? PRESSURE_FLOOR + (1 - PRESSURE_FLOOR) * pressure : 1;
    const ink = steady.follow(place);
    if (ink) {
      this.size = store.brush * share;
      stroke.to(...ink, this.size, store.hardness);
    }
    this.tether.tie(steady.ink, steady.pointer);
  }

  private modifiers(event: PointerEvent): Modifiers {
    return { constrain: event.shiftKey, takesAway: event.altKey || this.erases };
  }

  /** Scene px of an event. */
  private place({ clientX, clientY }: PointerEvent): [number, number] {
    return this.viewport.toScene(this.placement.rect, clientX, clientY);
  }
}
