import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contentBox, copyMask, differingBox, emptyMask, type Mask } from "../src/mask";
import { addSimilar, type Pixels } from "../src/similar";
import { IDENTITY, moved, type Transform, transformed } from "../src/transform";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

const transforms = read("transforms") as {
  masks: Record<string, string[]>;
  transforms: (Transform & { mask: string; sha256: string; sum: number })[];
};
const levels: Record<string, number> = { ".": 0, "-": 60, "+": 128, "#": 255 };

function mask(name: string): Mask {
  const rows = transforms.masks[name]!;
  const data = Uint8Array.from(rows.join(""), (mark) => levels[mark]!);
  return { width: rows[0]!.length, height: rows.length, data };
}

describe("the vectors that Python meets too", () => {
  it.each(transforms.transforms)("$mask moved $move scaled $scale rotated $rotate", (vector) => {
    const before = mask(vector.mask);
    const kept = copyMask(before);
    const after = transformed(before, vector);
    expect(after.data.reduce((sum, value) => sum + value, 0)).toBe(vector.sum);
    expect(sha256(after.data)).toBe(vector.sha256);
    expect(before).toEqual(kept);
  });

  const similar = read("similar") as {
    colors: Record<string, number[]>;
    pictures: Record<string, string[]>;
    similar: {
      picture: string;
      point: [number, number];
      tolerance: number;
      fill: number;
      value: number;
      sha256: string;
      written: number;
    }[];
  };

  it.each(similar.similar)("$picture from $point, tolerance $tolerance", (vector) => {
    const rows = similar.pictures[vector.picture]!;
    const data = [...rows.join("")].flatMap((mark) => [...similar.colors[mark]!, 255]);
    const picture: Pixels = { width: rows[0]!.length, height: rows.length, data };
    const after = emptyMask(picture.width, picture.height);
    after.data.fill(vector.fill);
    const before = copyMask(after);
    const box = addSimilar(after, picture, vector.point, vector.tolerance, vector.value);
    expect(after.data.filter((value) => value === vector.value)).toHaveLength(vector.written);
    expect(sha256(after.data)).toBe(vector.sha256);
    expect(box).toEqual(differingBox(before, after));
  });
});

describe("a transform", () => {
  it("is the same again when nothing changes, even coarsely", () => {
    for (const name of ["F", "soft"]) {
      expect(transformed(mask(name), IDENTITY)).toEqual(mask(name));
      expect(transformed(mask(name), IDENTITY, true)).toEqual(mask(name));
    }
  });

  it("takes the box where `moved` says", () => {
    const before = emptyMask(80, 60);
    for (let y = 20; y < 30; y++) before.data.fill(255, y * 80 + 30, y * 80 + 50);
    const change: Transform = { move: [5, -4], scale: [1.5, 2], rotate: 90 };
    const content = contentBox(before)!;
    expect(moved([30, 20], content, change)).toEqual([55, 6]); // the upper left corner becomes the upper right one
    expect(contentBox(transformed(before, change))).toEqual([35, 6, 20, 30]);
  });

  it("shown coarsely covers nearly the same", () => {
    const change: Transform = { move: [1, 0], scale: [1.4, 1.2], rotate: 20 };
    const [fine, coarse] = [transformed(mask("F"), change), transformed(mask("F"), change, true)];
    const differing = fine.data.filter((value, i) => value !== coarse.data[i]).length;
    expect(differing).toBeLessThan(fine.data.filter((value) => value).length / 5);
  });
});
