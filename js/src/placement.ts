// Where an element lies on the page. To ask makes the browser lay out the page at once if anything on it has changed,
// and a frame may bring several events of the pointer, each of which moves the ring. So it is asked once a frame: where
// the element was when the frame was shown, which is what whoever points at it has seen.

import type { Endings } from "./dom";

interface Measures {
  /** On the page, CSS px. */
  readonly rect: DOMRectReadOnly;
  /** Of its own CSS px, whatever scales the page around it. */
  readonly width: number;
  readonly height: number;
}

export class Placement {
  private known: Measures | null = null;
  private frame = 0;

  constructor(
    private readonly element: HTMLElement,
    endings: Endings,
  ) {
    const forget = () => this.forget();
    endings.listen(window, "scroll", forget, { capture: true, passive: true });
    endings.listen(window, "resize", forget);
    endings.add(() => cancelAnimationFrame(this.frame));
  }

  get rect(): DOMRectReadOnly {
    return this.measures.rect;
  }

  get width(): number {
    return this.measures.width;
  }

  get height(): number {
    return this.measures.height;
  }

  /** It may lie elsewhere. */
  forget(): void {
    this.known = null;
  }

  private get measures(): Measures {
    if (!this.known) {
      const { element } = this;
      this.known = {
        rect: element.getBoundingClientRect(),
        width: element.clientWidth,
        height: element.clientHeight,
      };
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        this.forget();
      });
    }
    return this.known;
  }
}
