import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { copyMask, differingBox, type Mask } from "../src/mask";
import { fillEllipse, fillPolygon, fillRectangle, flood } from "../src/shapes";

interface Vector {
  shape: "polygon" | "rectangle" | "ellipse" | "flood";
  name: string;
  width: number;
  height: number;
  fill: number;
  points: [number, number][];
  value: number;
  walls?: string[];
  sha256: string;
  written: number;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../tests/vectors/shapes.json", import.meta.url), "utf8"),
).shapes;

function draw(mask: Mask, { shape, points, value, walls = [] }: Vector) {
  const fill = { polygon: fillPolygon, rectangle: fillRectangle, ellipse: fillEllipse };
  if (shape !== "flood") return fill[shape](mask, points.flat(), value);
  const data = Uint8Array.from([...walls.join("")], (mark) => (mark === "#" ? 255 : 0));
  return flood(mask, { ...mask, data }, points.flat(), value);
}

describe("the vectors that Python meets too", () => {
  it.each(vectors)("$shape: $name", (vector) => {
    const { width, height } = vector;
    const mask: Mask = { width, height, data: new Uint8Array(width * height).fill(vector.fill) };
    const before = copyMask(mask);
    const box = draw(mask, vector);
    expect(mask.data.filter((value) => value === vector.value)).toHaveLength(vector.written);
    expect(createHash("sha256").update(mask.data).digest("hex")).toBe(vector.sha256);
    expect(box).toEqual(differingBox(before, mask));
  });
});
