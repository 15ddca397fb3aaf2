import { describe, expect, it } from "vitest";
import { type Box, commonBox, contentBox, drawStroke, emptyMask } from "../src/mask";
import { type Line, Outliner, outline } from "../src/outline";

/** Lines as sets of points: a closed line may begin anywhere. */
const points = (lines: readonly Line[]) =>
  lines
    .map((line) =>
      Array.from({ length: line.length / 2 }, (_, i) => `${line[2 * i]} ${line[2 * i + 1]}`)
        .sort()
        .join("; "),
    )
    .sort();

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

describe("an outline that is kept up to date", () => {
  // Larger masks than 512 px are looked at with gaps.
  it.each([
    [64, 48],
    [600, 1100],
  ])("is that of the mask as it is now (%i x %i)", (width, height) => {
    const mask = emptyMask(width, height);
    drawStroke(mask, [16 * 20, 16 * 20], 9, 255);
    const outliner = new Outliner(mask, contentBox(mask));
    const below = random(width);
    for (let i = 0; i < 24; i++) {
      const at = () => [below(18 * width) - width, below(18 * height) - height];
      const box = drawStroke(mask, [...at(), ...at()], 1 + below(40), i % 3 === 2 ? 0 : 255);
      if (box) outliner.update(box);
      expect(points(outliner.lines())).toEqual(points(outline(mask, contentBox(mask))));
    }
    expect(outliner.lines().length).toBeGreaterThan(0);
  });
});

describe("boxes", () => {
  it("the content of a mask, at its corners too", () => {
    expect(contentBox(emptyMask(5, 4))).toBeNull();
    const mask = emptyMask(5, 4);
    mask.data[1 * 5 + 3] = 1;
    expect(contentBox(mask)).toEqual([3, 1, 1, 1]);
    mask.data[3 * 5 + 1] = 255;
    expect(contentBox(mask)).toEqual([1, 1, 3, 3]);
    mask.data[0] = mask.data[19] = 7;
    expect(contentBox(mask)).toEqual([0, 0, 5, 4]);
  });

  it("what two have in common", () => {
    const box: Box = [2, 3, 4, 5];
    expect(commonBox(box, [0, 0, 3, 9])).toEqual([2, 3, 1, 5]);
    expect(commonBox(box, [6, 0, 3, 9])).toBeNull();
    expect(commonBox(box, null)).toBeNull();
  });

  it("is one line, point by point beside the last, however long", () => {
    const mask = emptyMask(512, 512);
    const spiral = Array.from({ length: 400 }, (_, i) => {
      const [turn, radius] = [i / 8, 8 * (10 + i / 2)];
      return [
        Math.floor(16 * 256 + radius * Math.cos(turn) * 2),
        Math.floor(16 * 256 + radius * Math.sin(turn) * 2),
      ];
    });
    drawStroke(mask, spiral.flat(), 3, 255);
    const lines = outline(mask, contentBox(mask));
    const longest = lines.reduce((a, b) => (a.length > b.length ? a : b));
    expect(longest.length).toBeGreaterThan(4096);
    for (let i = 2; i < longest.length; i += 2) {
      const [dx, dy] = [longest[i]! - longest[i - 2]!, longest[i + 1]! - longest[i - 1]!];
      expect(Math.hypot(dx, dy)).toBeLessThan(1.5);
    }
  });
});
