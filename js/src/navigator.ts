// Zoom and pan by wheel, hand and fingers. What it takes from the surface does not come to the pen, so it has to
// listen before the pen does.

import type { Endings } from "./dom";
import type { Placement } from "./placement";
import type { Store } from "./store";
import type { Share, Viewport } from "./viewport";

/** Zoom of a wheel's notch is 2^(30/100); a touchpad's pinch sends many small ones. */
const WHEEL_MOST = 30;
const WHEEL_DOUBLES = 100;
const LINE_PX = 16;
/** A second finger means two fingers only so soon after the first one; later it is the heel of a hand. */
const TOGETHER_MS = 400;
/** What touched the canvas so soon before a pen was the hand that holds it; what came earlier meant to draw. */
const PALM_MS = 1000;
const MIDDLE = 1;

interface Hooks {
  /** Takes back what the first finger has begun to draw. */
  cancel: () => void;
  /** What is being drawn is done. */
  lift: () => void;
  /** The pointer that draws; null for none. */
  drawing: () => number | null;
}

export class Navigator {
  /** Pointers that pan or pinch, and where they are. */
  private readonly held = new Map<number, readonly [number, number]>();
  /** Fingers that are down: since when, and where they are. */
  private readonly fingers = new Map<number, { since: number; at: readonly [number, number] }>();
  /** Fingers that came down beside a pen, the hand that holds it: nothing that they do counts until they are lifted. */
  private readonly resting = new Set<number>();
  /** The pen that is down. */
  private pen: number | null = null;
  private space = false;

  constructor(
    private readonly surface: HTMLElement,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly placement: Placement,
    private readonly hooks: Hooks,
    endings: Endings,
  ) {
    const take = (event: PointerEvent, taken: boolean) => {
      if (!taken) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    endings.listen(surface, "pointerdown", (event) => take(event, this.down(event)));
    endings.listen(surface, "pointermove", (event) => take(event, this.move(event)));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      endings.listen(surface, type, (event) => take(event, this.up(event)));
    }
    // Neither pasting nor rolling with the middle button.
    for (const type of ["mousedown", "auxclick"] as const) {
      endings.listen(surface, type, (event) => event.button === MIDDLE && event.preventDefault());
    }
    endings.listen(surface, "wheel", (event) => this.wheel(event), { passive: false });
  }

  /** Space is down: the pointer is a hand. */
  hand(space: boolean): void {
    this.space = space;
    this.show();
  }

  private get isHand(): boolean {
    return this.space || this.store.tool === "hand";
  }

  private down(event: PointerEvent): boolean {
    const { pointerType, pointerId, button } = event;
    if (pointerType === "touch") return this.touch(event);
    if (pointerType === "pen") {
      this.see("pen");
      this.pen = pointerId;
      this.rest(event.timeStamp);
    }
    if (this.hooks.drawing() !== null) return false;
    return (button === MIDDLE || (button === 0 && this.isHand)) && this.hold(event);
  }

  private touch(event: PointerEvent): boolean {
    const { pointerId, timeStamp, clientX, clientY } = event;
    this.see("finger");
    if (this.pen !== null) {
      this.resting.add(pointerId);
      return true;
    }
    this.fingers.set(pointerId, { since: timeStamp, at: [clientX, clientY] });
    if (this.fingers.size > 1) return this.join(event);
    return (this.isHand || !this.store.fingersDraw) && this.hold(event);
  }

  /** What is known to draw on this canvas. */
  private see(touched: "finger" | "pen"): void {
    if (this.store.touched !== "pen" && this.store.touched !== touched) this.store.set({ touched });
  }

  /** A pen comes down: the fingers that are there were its hand, and what they have just begun was not meant. */
  private rest(now: number): void {
    const drawing = this.hooks.drawing();
    const finger = drawing === null ? undefined : this.fingers.get(drawing);
    if (finger && now - finger.since <= PALM_MS) this.hooks.cancel();
    else if (finger) this.hooks.lift();
    for (const id of this.fingers.keys()) {
      this.resting.add(id);
      this.held.delete(id);
    }
    this.fingers.clear();
    this.show();
  }

  /** Another finger. It never draws. */
  private join(event: PointerEvent): boolean {
    const first = Math.min(...[...this.fingers.values()].map(({ since }) => since));
    if (this.hooks.drawing() !== null && event.timeStamp - first > TOGETHER_MS) return true;
    this.hooks.cancel();
    for (const [finger, { at }] of this.fingers) this.held.set(finger, at);
    return this.hold(event);
  }

  private hold(event: PointerEvent): boolean {
    this.held.set(event.pointerId, [event.clientX, event.clientY]);
    try {
      this.surface.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already.
    }
    this.show();
    return true;
  }

  private move(event: PointerEvent): boolean {
    const { pointerId: id } = event;
    if (event.pointerType === "pen") this.see("pen"); // even while it only hovers
    if (this.resting.has(id)) return true;
    const finger = this.fingers.get(id);
    if (finger) finger.at = [event.clientX, event.clientY];
    if (!this.held.has(id)) return false;
    const before = this.grip();
    this.held.set(id, [event.clientX, event.clientY]);
    const after = this.grip();
    const factor = before.spread > 0 && after.spread > 0 ? after.spread / before.spread : 1;
    this.viewport.pinch(factor, before.at, after.at);
    return true;
  }

  private up(event: PointerEvent): boolean {
    const { pointerId: id } = event;
    if (this.pen === id) this.pen = null;
    this.fingers.delete(id);
    const rested = this.resting.delete(id);
    const held = this.held.delete(id);
    this.show();
    return held || rested;
  }

  /** The middle of what is held, and how far from it the pointers are in the mean. */
  private grip(): { at: Share; spread: number } {
    const places = [...this.held.values()];
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [mean(places.map((at) => at[0])), mean(places.map((at) => at[1]))];
    return { at: this.share(x, y), spread: mean(places.map((at) => Math.hypot(at[0] - x, at[1] - y))) };
  }

  private share(clientX: number, clientY: number): Share {
    const { left, top, width, height } = this.placement.rect;
    return [(clientX - left) / (width || 1), (clientY - top) / (height || 1)];
  }

  /** With Ctrl it zooms. Alone it pans where there is more of the canvas than is seen, else it scrolls the notebook. */
  private wheel(event: WheelEvent): void {
    const zooms = event.ctrlKey || event.metaKey;
    if (!zooms && this.viewport.zoom <= 1) return;
    event.preventDefault();
    event.stopPropagation();
    if (zooms) this.zoom(event);
    else this.pan(event);
  }

  private zoom(event: WheelEvent): void {
    const notch = Math.min(Math.max(event.deltaY * unit(event), -WHEEL_MOST), WHEEL_MOST);
    this.viewport.zoomTo(
      this.viewport.zoom * 2 ** (-notch / WHEEL_DOUBLES),
      this.share(event.clientX, event.clientY),
    );
  }

  private pan(event: WheelEvent): void {
    const { width, height } = this.placement.rect;
    let [dx, dy] = [event.deltaX * unit(event), event.deltaY * unit(event)];
    if (event.shiftKey && dx === 0) [dx, dy] = [dy, 0]; // some browsers turn it by themselves
    this.viewport.pan(-dx / (width || 1), -dy / (height || 1));
  }

  private show(): void {
    const state = this.held.size ? "holds" : this.isHand ? "open" : "";
    if (state) this.surface.dataset.hand = state;
    else delete this.surface.dataset.hand;
  }
}

/** CSS px to what a wheel's delta counts. */
const unit = ({ deltaMode }: WheelEvent) => (deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX);
