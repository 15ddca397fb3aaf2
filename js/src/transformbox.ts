// The handles of the transform tool, and what the pointer looks like over them.

import type { Grip, Handles } from "./transformdrag";
import type { Share } from "./viewport";

const SVG = "http://www.w3.org/2000/svg";
const HANDLE_PX = 10;

export class TransformBox {
  readonly element = document.createElementNS(SVG, "svg");
  private readonly halo = document.createElementNS(SVG, "path");
  private readonly line = document.createElementNS(SVG, "path");
  private readonly squares = [0, 1, 2, 3].map(() => document.createElementNS(SVG, "rect"));
  private readonly knob = document.createElementNS(SVG, "circle");

  constructor() {
    this.element.setAttribute("class", "sd-transform");
    this.element.setAttribute("data-testid", "sd-transform-box");
    this.element.setAttribute("aria-hidden", "true");
    this.halo.setAttribute("class", "sd-transform-halo");
    this.line.setAttribute("class", "sd-transform-line");
    this.knob.setAttribute("r", String(HANDLE_PX / 2));
    for (const square of this.squares) {
      square.setAttribute("width", String(HANDLE_PX));
      square.setAttribute("height", String(HANDLE_PX));
      square.setAttribute("rx", "1.5");
    }
    this.element.append(this.halo, this.line, ...this.squares, this.knob);
    this.element.toggleAttribute("hidden", true);
  }

  /** toShare: from scene px to shares of the stage, which is so many CSS px wide and high. */
  show(
    handles: Handles | null,
    toShare: (x: number, y: number) => Share,
    [width, height]: readonly [number, number],
  ): void {
    this.element.toggleAttribute("hidden", handles === null);
    if (!handles) return;
    const place = ([x, y]: readonly [number, number]) => {
      const [across, down] = toShare(x, y);
      return [round(across * width), round(down * height)] as const;
    };
    const corners = handles.corners.map(place);
    const [stalk, knob] = [place(handles.stalk), place(handles.turn)];
    const d = `M${corners.map((corner) => corner.join(" ")).join("L")}ZM${stalk.join(" ")}L${knob.join(" ")}`;
    this.halo.setAttribute("d", d);
    this.line.setAttribute("d", d);
    corners.forEach(([x, y], i) => {
      this.squares[i]!.setAttribute("x", String(x - HANDLE_PX / 2));
      this.squares[i]!.setAttribute("y", String(y - HANDLE_PX / 2));
    });
    this.knob.setAttribute("cx", String(knob[0]));
    this.knob.setAttribute("cy", String(knob[1]));
    this.element.style.setProperty("--sd-color", handles.color);
  }
}

const round = (px: number) => Math.round(px * 10) / 10;

/** The pointer's look over a handle: an arrow along the diagonal that the corner is on now. */
export function cursorOf(grip: Grip | null, handles: Handles | null): string {
  if (grip === null || !handles) return "default";
  if (grip === "inside") return "move";
  if (grip === "turn") return "grab";
  const [x, y] = handles.corners[grip]!;
  const [ox, oy] = handles.corners[(grip + 2) % 4]!;
  return (x - ox) * (y - oy) >= 0 ? "nwse-resize" : "nesw-resize";
}
