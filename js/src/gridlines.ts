// Lines over the canvas to compose by: every eighth, and the thirds stronger.

import type { Endings } from "./dom";
import type { Store } from "./store";

const PARTS = 8;
const SVG = "http://www.w3.org/2000/svg";

export class GridLines {
  readonly element = document.createElementNS(SVG, "svg");

  constructor(store: Store, endings: Endings) {
    this.element.setAttribute("class", "sd-grid");
    this.element.setAttribute("data-testid", "sd-grid");
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true");
    const eighths = lines(Array.from({ length: PARTS - 1 }, (_, i) => (i + 1) / PARTS));
    const thirds = lines([1 / 3, 2 / 3]);
    for (const [name, d] of [
      ["sd-grid-halo", eighths],
      ["sd-grid-fine", eighths],
      ["sd-grid-halo", thirds],
      ["sd-grid-strong", thirds],
    ] as const) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", d);
      this.element.append(path);
    }
    this.look([0, 0, 1, 1]);
    const show = () => this.element.toggleAttribute("hidden", !store.grid);
    endings.add(store.on("values", show));
    show();
  }

  /** The part of the canvas that is seen, in shares of its width and height: x, y, width, height. */
  look(part: readonly [number, number, number, number]): void {
    this.element.setAttribute("viewBox", part.join(" "));
  }
}

const lines = (places: readonly number[]) => places.map((at) => `M${at} 0V1M0 ${at}H1`).join("");
