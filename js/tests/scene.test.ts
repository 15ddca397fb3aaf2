import { describe, expect, it } from "vitest";
import { EXAMPLES, sceneOf } from "../src/examples";
import { suggest } from "../src/hints";
import { contentBox, emptyMask, isEmpty } from "../src/mask";
import { outline } from "../src/outline";
import { COLORS, nextColor, rgb } from "../src/palette";
import { mergeRegions, newRegion, readRegions } from "../src/scene";
import { fillEllipse, fillPolygon } from "../src/shapes";

const [a, b, c] = ["a", "b", "c"].map((id) => newRegion({ id, prompt: id }));

describe("an edit here and one in Python at the same time", () => {
  it("Python's fields win, ours stay where Python changed nothing", () => {
    const ours = [{ ...a!, prompt: "house" }];
    const theirs = [{ ...a!, seed: 4 }];
    expect(mergeRegions([a!], ours, theirs)).toEqual([{ ...a!, prompt: "house", seed: 4 }]);
  });

  it("a region that Python has not heard of stays; one that Python removed goes", () => {
    expect(mergeRegions([a!, b!], [a!, b!, c!], [b!])).toEqual([b!, c!]);
  });

  it("a region of Python's comes; one that we removed does not come back", () => {
    expect(mergeRegions([a!, b!], [b!], [a!, b!, c!])).toEqual([b!, c!]);
  });

  it("the order is that of whoever changed it", () => {
    expect(mergeRegions([a!, b!], [b!, a!], [a!, b!])).toEqual([b!, a!]);
    expect(mergeRegions([a!, b!], [a!, b!, c!], [b!, a!])).toEqual([b!, a!, c!]);
  });

  it("reads what is missing as the defaults", () => {
    expect(readRegions([{ id: "a", prompt: "a" }, null, { prompt: "no id" }])).toEqual([a!]);
  });
});

describe("colors", () => {
  it("are given out in order, then those least used", () => {
    expect(nextColor([])).toBe(COLORS[0]);
    expect(nextColor([COLORS[0]!, COLORS[2]!])).toBe(COLORS[1]!);
    expect(nextColor([...COLORS, COLORS[0]!])).toBe(COLORS[1]!);
    expect(new Set(COLORS).size).toBe(12);
  });

  it("are read as bytes", () => {
    expect(rgb("#0072b2")).toEqual([0, 114, 178]);
    expect(rgb("blue")).toEqual([153, 153, 153]);
  });
});

describe("shapes", () => {
  it("a polygon covers the pixels whose center it holds", () => {
    const mask = emptyMask(6, 4);
    fillPolygon(mask, [16, 16, 64, 16, 64, 48, 16, 48], 255);
    expect(contentBox(mask)).toEqual([1, 1, 3, 2]);
    expect(mask.data.filter((value) => value === 255)).toHaveLength(6);
  });

  it("an ellipse may leave the canvas", () => {
    const mask = emptyMask(10, 10);
    fillEllipse(mask, [-64, 32, 64, 128], 255);
    expect(contentBox(mask)).toEqual([0, 2, 4, 6]);
  });

  it.each(EXAMPLES)("the example $name has no empty region, at any proportions", (example) => {
    for (const size of [
      [256, 256],
      [64, 128],
    ] as const) {
      const { regions } = sceneOf(example, size);
      expect(regions.length).toBeGreaterThanOrEqual(3);
      for (const { mask } of regions) expect(isEmpty(mask)).toBe(false);
    }
  });
});

describe("outlines", () => {
  it("one closed line around a shape, one around its hole", () => {
    const mask = emptyMask(32, 32);
    fillEllipse(mask, [64, 64, 448, 448], 255);
    expect(outline(mask, contentBox(mask))).toHaveLength(1);
    for (let y = 12; y < 20; y++) mask.data.fill(0, y * 32 + 12, y * 32 + 20);
    expect(outline(mask, contentBox(mask))).toHaveLength(2);
  });

  it("stays within a pixel of the edge", () => {
    const mask = emptyMask(64, 64);
    fillPolygon(mask, [256, 256, 768, 256, 768, 768, 256, 768], 255);
    const [line] = outline(mask, contentBox(mask));
    for (let i = 0; i < line!.length; i += 2) {
      const away = Math.max(Math.abs(line![i]! - 32), Math.abs(line![i + 1]! - 32)) - 16;
      expect(Math.abs(away)).toBeLessThan(1.01);
    }
  });

  it("even a single pixel has one, and so has a mask at the very edge", () => {
    const mask = emptyMask(8, 8);
    mask.data[0] = 255;
    expect(outline(mask, contentBox(mask))).toHaveLength(1);
    expect(outline(emptyMask(8, 8), null)).toEqual([]);
  });

  it("closes every line of a random mask", () => {
    const mask = emptyMask(40, 40);
    for (let i = 0; i < 1600; i++) mask.data[i] = (i * 7919) % 13 < 5 ? 255 : 0;
    for (const line of outline(mask, contentBox(mask))) {
      const last = line.length - 2;
      expect(Math.hypot(line[0]! - line[last]!, line[1]! - line[last + 1]!)).toBeLessThan(1.5);
    }
  });
});

describe("hints", () => {
  it("name the most similar words first", () => {
    expect(suggest("boats", ["tree", "boat", "ball"])[0]).toBe("boat");
    expect(suggest("castle", [])).toEqual([]);
  });
});
