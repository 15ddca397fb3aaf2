// The string of a steady hand, from the ink to the pointer. It is where they are and never moves by itself, so that
// there is no motion to reduce.

import { h } from "./dom";
import type { Place } from "./steady";
import type { Viewport } from "./viewport";

const SVG = "http://www.w3.org/2000/svg";

export class Tether {
  readonly element = h("div", "tether", { "aria-hidden": "true", "data-testid": "sd-tether", hidden: true });
  private readonly lines = ["tether-halo", "tether-line"].map((name) => {
    const line = document.createElementNS(SVG, "line");
    line.setAttribute("class", `sd-${name}`);
    return line;
  });
  private readonly knot = h("div", "tether-knot");
  private ends: readonly [ink: Place, pointer: Place] | null = null;

  constructor(
    private readonly viewport: Viewport,
    private readonly color: () => string,
  ) {
    const svg = document.createElementNS(SVG, "svg");
    svg.append(...this.lines);
    this.element.append(svg, this.knot);
  }

  /** In scene px; null for no string, nor is there one where both are at one place. */
  tie(ink: Place | null, pointer: Place | null): void {
    const apart = ink && pointer && (ink[0] !== pointer[0] || ink[1] !== pointer[1]);
    if (!apart && !this.ends) return;
    this.ends = apart ? [ink, pointer] : null;
    this.show();
  }

  /** Shows it again where another part of the canvas is seen. */
  show(): void {
    this.element.hidden = !this.ends;
    if (!this.ends) return;
    const [[x1, y1], [x2, y2]] = this.ends.map(([x, y]) =>
      this.viewport.toShare(x, y).map((share) => `${100 * share}%`),
    ) as [[string, string], [string, string]];
    for (const line of this.lines) {
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, value);
    }
    this.knot.style.left = x1;
    this.knot.style.top = y1;
    this.element.style.setProperty("--sd-color", this.color());
  }
}
