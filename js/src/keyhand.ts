// Drawing without a pointer: arrow keys move the tool and Space presses it. Under a pointer Space is the hand that
// moves the canvas.

import type { Endings } from "./dom";
import type { Navigator } from "./navigator";
import { pick } from "./pick";
import { isBrush, isPointTool, type Ring } from "./ring";
import { isShapeTool, type Shaper } from "./shaper";
import type { Store } from "./store";
import type { Transformer } from "./transformer";
import { transformKey } from "./transformkeys";
import { isCommand } from "./typing";
import type { Viewport } from "./viewport";

/** Of what is seen, by one press of an arrow. */
const PAN = 0.1;
const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class KeyHand {
  private drawing = false;

  constructor(
    surface: HTMLElement,
    private readonly store: Store,
    private readonly ring: Ring,
    private readonly shaper: Shaper,
    private readonly transformer: Transformer,
    private readonly viewport: Viewport,
    private readonly navigator: Navigator,
    endings: Endings,
  ) {
    endings.listen(surface, "keydown", (event) => this.down(event));
    endings.listen(surface, "keyup", (event) => this.up(event));
    endings.listen(surface, "blur", () => this.release());
    endings.add(() => this.release()); // or no other view of the canvas could draw
  }

  /** The keys are let go. */
  release(): void {
    this.lift();
    this.navigator.hand(false);
  }

  private down(event: KeyboardEvent): void {
    if (event.key === "Shift" || event.key === "Alt") this.modify(event, true);
    if (!this.takes(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private takes(event: KeyboardEvent): boolean {
    const { store, shaper } = this;
    const ends = { Enter: () => shaper.close(), Escape: () => shaper.cancel() }[event.key];
    if (ends && shaper.busy) {
      ends();
      return true;
    }
    if (shaper.busy && takesBack(event)) {
      shaper.back();
      return true;
    }
    if (isCommand(event)) return false;
    if (event.key === " " && this.ring.underPointer && !this.drawing) {
      this.navigator.hand(true);
      return true;
    }
    if (store.tool === "transform") return transformKey(this.transformer, event);
    const direction = DIRECTIONS[event.key];
    if (event.altKey && direction?.[1] && !shaper.busy) return false; // moves the row of the region
    if ((event.altKey && !isShapeTool(store.tool)) || (!direction && event.key !== " ")) return false;
    if (store.tool === "hand") {
      if (direction) this.viewport.pan(-PAN * direction[0], -PAN * direction[1]);
      return true;
    }
    if (direction) this.step(direction, event.shiftKey);
    else if (!event.repeat && !this.drawing) this.press(event.altKey);
    this.draw(event.altKey);
    return true;
  }

  private step([dx, dy]: readonly [number, number], small: boolean): void {
    const { x, y } = this.place();
    const [width, height] = this.store.size;
    const step = small ? 1 : Math.max(2, Math.round(this.store.brush / 4));
    this.ring.byKeys = true;
    const at = { x: bounded(x + dx * step, width), y: bounded(y + dy * step, height) };
    this.ring.place(at);
    this.viewport.reveal(at.x, at.y);
  }

  private press(takesAway: boolean): void {
    const { store, ring } = this;
    const { x, y } = this.place();
    ring.byKeys = true;
    ring.place({ x, y });
    if (store.tool === "eyedropper") pick(store, x, y);
    else if (isPointTool(store.tool)) this.drawing = this.shaper.press(x, y, modifiers(takesAway));
    else if (isBrush(store.tool))
      this.drawing = store.beginStroke(store.tool === "eraser" ? 0 : 255) !== null;
  }

  private draw(takesAway: boolean): void {
    const { at } = this.ring;
    if (!at) return;
    if (this.drawing) this.store.stroke?.to(at.x, at.y, this.store.brush, this.store.hardness);
    this.shaper.move([[at.x, at.y]], modifiers(takesAway));
  }

  private place(): { x: number; y: number } {
    const [width, height] = this.store.size;
    return this.ring.at ?? { x: width / 2, y: height / 2 };
  }

  private up(event: KeyboardEvent): void {
    if (event.key === " ") this.release();
    if (event.key === "Shift" || event.key === "Alt") this.modify(event, false);
  }

  /** Shift and Alt count at once, even while the pointer rests. */
  private modify(event: KeyboardEvent, down: boolean): void {
    if (!this.shaper.busy || this.drawing) return;
    if (event.key === "Alt") event.preventDefault(); // no menu bar
    this.shaper.modify({
      constrain: event.key === "Shift" ? down : event.shiftKey,
      takesAway: event.key === "Alt" ? down : event.altKey,
    });
  }

  private lift(): void {
    if (this.drawing) {
      this.store.endStroke();
      this.shaper.release();
    }
    this.drawing = false;
  }
}

const bounded = (at: number, most: number) => Math.min(Math.max(at, 0), most);

/** Keys that take back a corner while a shape is being drawn, and not what was drawn before. */
const takesBack = ({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent) =>
  ["Backspace", "Delete"].includes(key) || ((ctrlKey || metaKey) && !shiftKey && key.toLowerCase() === "z");

/** Shift is for small steps here. */
const modifiers = (takesAway: boolean) => ({ constrain: false, takesAway });
