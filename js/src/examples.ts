// Three scenes to begin with. Shapes are in percent of the canvas; the lowest region comes first.

import type { Texts } from "./language";
import { emptyMask, type Mask, SUBPIXELS } from "./mask";
import type { Region } from "./scene";
import { fillEllipse, fillPolygon } from "./shapes";

type Shape =
  | { ellipse: readonly [cx: number, cy: number, rx: number, ry: number] }
  | { polygon: readonly number[] };

interface Part {
  readonly prompt: string;
  readonly shapes: readonly Shape[];
  /** Only for the small picture on the button. */
  readonly color: string;
}

export interface Example {
  readonly name: keyof Texts["invite"]["examples"];
  readonly background: string;
  readonly color: string;
  readonly parts: readonly Part[];
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "harbor",
    background: "sky",
    color: "#a8d4f0",
    parts: [
      { prompt: "sun", color: "#f7c948", shapes: [{ ellipse: [76, 22, 12, 12] }] },
      {
        prompt: "sea",
        color: "#2f7fb5",
        shapes: [
          { polygon: [0, 58, 12, 56, 25, 59, 40, 56, 55, 59, 70, 56, 85, 59, 100, 57, 100, 100, 0, 100] },
        ],
      },
      {
        prompt: "boat",
        color: "#b5523b",
        shapes: [
          { polygon: [18, 66, 62, 66, 55, 80, 26, 80] },
          { polygon: [39, 28, 42, 28, 60, 62, 22, 62, 39, 34] },
        ],
      },
    ],
  },
  {
    name: "meadow",
    background: "sky",
    color: "#a8d4f0",
    parts: [
      {
        prompt: "cloud",
        color: "#f4f7fa",
        shapes: [
          { ellipse: [26, 20, 11, 8] },
          { ellipse: [38, 17, 12, 10] },
          { ellipse: [50, 21, 10, 7] },
          { ellipse: [38, 23, 20, 6] },
        ],
      },
      {
        prompt: "grass",
        color: "#6aa84f",
        shapes: [{ polygon: [0, 62, 20, 58, 45, 60, 70, 56, 100, 60, 100, 100, 0, 100] }],
      },
      {
        prompt: "house",
        color: "#c65f46",
        shapes: [{ polygon: [12, 52, 30, 35, 48, 52, 46, 52, 46, 80, 14, 80, 14, 52] }],
      },
      {
        prompt: "tree",
        color: "#2e7d4f",
        shapes: [{ ellipse: [75, 44, 15, 18] }, { polygon: [72, 58, 78, 58, 79, 82, 71, 82] }],
      },
    ],
  },
  {
    name: "winter",
    background: "night sky",
    color: "#26345c",
    parts: [
      { prompt: "moon", color: "#f1e9c8", shapes: [{ ellipse: [24, 22, 11, 11] }] },
      {
        prompt: "mountain",
        color: "#6f7d95",
        shapes: [{ polygon: [8, 72, 40, 26, 56, 48, 68, 36, 96, 72] }],
      },
      {
        prompt: "snow",
        color: "#e9f0f7",
        shapes: [{ polygon: [0, 70, 25, 66, 50, 70, 78, 66, 100, 69, 100, 100, 0, 100] }],
      },
    ],
  },
];

/** The scene as the store takes it, for a canvas of that size. */
export function sceneOf(example: Example, [width, height]: readonly [number, number]) {
  const regions = example.parts.map(({ prompt, shapes }): { fields: Partial<Region>; mask: Mask } => {
    const mask = emptyMask(width, height);
    for (const shape of shapes) draw(mask, shape);
    return { fields: { prompt }, mask };
  });
  return { background: example.background, regions };
}

function draw(mask: Mask, shape: Shape): void {
  const [w, h] = [mask.width / 100, mask.height / 100];
  if ("polygon" in shape) {
    const points = shape.polygon.map((value, i) => Math.round(SUBPIXELS * value * (i % 2 ? h : w)));
    fillPolygon(mask, points, 255);
  } else {
    const [cx, cy, rx, ry] = shape.ellipse;
    const unit = Math.min(w, h); // a sun stays round on any canvas
    const box = [cx * w - rx * unit, cy * h - ry * unit, cx * w + rx * unit, cy * h + ry * unit];
    fillEllipse(
      mask,
      box.map((value) => Math.round(SUBPIXELS * value)),
      255,
    );
  }
}

/** The example as a small picture. */
export function thumbnail(example: Example): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "xMidYMin slice");
  svg.setAttribute("aria-hidden", "true");
  const shapes = example.parts.flatMap(({ shapes, color }) =>
    shapes.map((shape) => {
      if ("polygon" in shape) return `<polygon fill="${color}" points="${shape.polygon.join(" ")}"/>`;
      const [cx, cy, rx, ry] = shape.ellipse;
      return `<ellipse fill="${color}" cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}"/>`;
    }),
  );
  svg.innerHTML = `<rect width="100" height="100" fill="${example.color}"/>${shapes.join("")}`;
  return svg;
}
