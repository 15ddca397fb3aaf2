import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  crop,
  differingBox,
  drawStroke,
  emptyMask,
  joinBoxes,
  type Mask,
  pack,
  paste,
  unpack,
} from "../src/mask";
import { drawSoftStroke, HARD } from "../src/softedge";

interface Vectors {
  strokes: {
    name: string;
    width: number;
    height: number;
    start: string;
    points: [number, number][];
    size: number;
    value: 0 | 255;
    hardness?: number;
    sha256: string;
    painted: number;
  }[];
  blobs: { name: string; width: number; height: number; packed: string; sha256: string }[];
  malformed: { name: string; packed: string }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/masks.json", import.meta.url), "utf8"),
);
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const sha256 = (mask: Mask) => createHash("sha256").update(mask.data).digest("hex");

function startOf({ start, width, height }: Vectors["strokes"][number]): Mask {
  if (start !== "empty" && start !== "full") return unpack(bytes(start));
  const mask = emptyMask(width, height);
  if (start === "full") mask.data.fill(255);
  return mask;
}

describe("the vectors that Python meets too", () => {
  it.each(vectors.strokes)("stroke: $name", (vector) => {
    const mask = startOf(vector);
    const before = { ...mask, data: mask.data.slice() };
    const { points, size, value, hardness = HARD } = vector;
    const box = drawSoftStroke(mask, points.flat(), size, value, hardness);
    expect(mask.data.reduce((n, value) => n + (value ? 1 : 0), 0)).toBe(vector.painted);
    expect(sha256(mask)).toBe(vector.sha256);
    expect(box).toEqual(differingBox(before, mask));
  });

  it.each(vectors.strokes)("stroke in pieces: $name", (vector) => {
    const mask = startOf(vector);
    const { points, size, value, hardness = HARD } = vector;
    points.forEach((point, i) => {
      drawSoftStroke(mask, [...(points[i - 1] ?? []), ...point], size, value, hardness);
    });
    expect(sha256(mask)).toBe(vector.sha256);
  });

  it.each(vectors.blobs)("blob: $name", ({ packed, width, height, sha256: expected }) => {
    const mask = unpack(bytes(packed));
    expect([mask.width, mask.height]).toEqual([width, height]);
    expect(sha256(mask)).toBe(expected);
    expect(sha256(unpack(pack(mask)))).toBe(expected);
  });

  it.each(vectors.malformed)("refuses: $name", ({ packed }) => {
    expect(() => unpack(bytes(packed))).toThrow();
  });
});

describe("packing", () => {
  it("reads a mask from the middle of a larger buffer", () => {
    const mask = emptyMask(13, 7);
    drawStroke(mask, [40, 40, 150, 90], 3, 255);
    const blob = pack(mask);
    const larger = new Uint8Array(blob.length + 9);
    larger.set(blob, 5);
    expect(unpack(larger.subarray(5, 5 + blob.length))).toEqual(mask);
  });

  it("keeps soft masks, and owns its whole buffer", () => {
    const mask = { width: 2, height: 2, data: new Uint8Array([0, 17, 128, 255]) };
    const blob = pack(mask);
    expect(blob[3]).toBe(8);
    expect(blob.buffer.byteLength).toBe(blob.length);
    expect(unpack(blob)).toEqual(mask);
  });
});

describe("boxes", () => {
  it("crops and pastes back", () => {
    const mask = emptyMask(20, 12);
    const box = drawStroke(mask, [80, 80, 200, 120], 5, 255);
    if (!box) throw new Error("nothing painted");
    const piece = crop(mask, box);
    const other = emptyMask(20, 12);
    paste(other, box, piece);
    expect(other).toEqual(mask);
  });

  it("joins", () => {
    expect(joinBoxes(null, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(joinBoxes([0, 5, 2, 2], [4, 1, 1, 1])).toEqual([0, 1, 5, 6]);
  });
});
