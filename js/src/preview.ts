// The outline of a shape that is being drawn, in the color of the region that gets it.

import { SUBPIXELS } from "./mask";
import type { Draft } from "./shaper";

export class Preview {
  readonly element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  private readonly halo = document.createElementNS("http://www.w3.org/2000/svg", "path");
  private readonly line = document.createElementNS("http://www.w3.org/2000/svg", "path");

  constructor() {
    this.element.setAttribute("class", "sd-preview");
    this.element.setAttribute("data-testid", "sd-preview");
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true");
    this.halo.setAttribute("class", "sd-preview-halo");
    this.line.setAttribute("class", "sd-preview-line");
    this.element.append(this.halo, this.line);
  }

  /** seen: left, top, width and height of the part of the canvas that is seen, in scene px. */
  show(draft: Draft | null, color: string, seen: readonly number[]): void {
    const d = draft ? pathOf(draft) : "";
    this.element.setAttribute("viewBox", seen.map((px) => px * SUBPIXELS).join(" "));
    this.element.style.setProperty("--sd-color", color);
    this.element.toggleAttribute("data-takes-away", draft?.value === 0);
    this.halo.setAttribute("d", d);
    this.line.setAttribute("d", d);
  }
}

function pathOf({ tool, points }: Draft): string {
  const [ax = 0, ay = 0, bx = 0, by = 0] = points;
  switch (tool) {
    case "rectangle":
      return `M${ax} ${ay}H${bx}V${by}H${ax}Z`;
    case "ellipse": {
      const arc = `A${Math.abs(bx - ax) / 2} ${Math.abs(by - ay) / 2} 0 0 1`;
      return `M${ax} ${(ay + by) / 2}${arc} ${bx} ${(ay + by) / 2}${arc} ${ax} ${(ay + by) / 2}Z`;
    }
    case "lasso":
      return `M${points.join(" ")}Z`;
    case "bucket":
    case "magic":
      return "";
  }
}
