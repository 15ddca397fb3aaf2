import { describe, expect, it } from "vitest";
import vectors from "../../tests/vectors/brushes.json";
import {
  type Brush,
  BrushError,
  brushOf,
  fieldsOf,
  freeName,
  fromJson,
  joined,
  MAX_FILE,
  merged,
  readBrushes,
  toJson,
} from "../src/brushes";
import { en } from "../src/languages/en";
import { maskOf, middle } from "../src/pictures";
import { newRegion } from "../src/scene";
import { shareOf, strengthAt } from "../src/strength";

const say = en.brushFile;
const OAK = vectors.read[1]!.brushes[0] as Brush;

describe("a file of brushes", () => {
  it.each(vectors.read)("is read as in Python: $why", ({ text, brushes }) => {
    expect(fromJson(text, say)).toEqual(brushes);
    expect(fromJson(toJson(fromJson(text, say)), say)).toEqual(brushes);
  });

  it.each(vectors.refused)("is refused as in Python: $why", ({ text, says }) => {
    expect(() => fromJson(text, say)).toThrow(BrushError);
    expect(() => fromJson(text, say)).toThrow(new RegExp(says));
  });

  it("is refused if it costs too much", () => {
    expect(() => fromJson(" ".repeat(MAX_FILE + 1), say)).toThrow(/at most 1048576/);
    expect(() => fromJson("[".repeat(100_000), say)).toThrow(BrushError);
    const many = Array.from({ length: 257 }, (_, i) => ({ ...OAK, name: String(i) }));
    expect(() => fromJson(toJson(many), say)).toThrow(/at most 256/);
    expect(() =>
      joined(
        many.slice(0, 200),
        many.slice(0, 57).map((one) => ({ ...one, seed: 1 })),
        say,
      ),
    ).toThrow(/at most 256/);
  });
});

describe("brushes", () => {
  it("come from a region and make one", () => {
    const region = newRegion({ name: "", prompt: " old oak ", feather: 3, color: "#112233" });
    const brush = brushOf(region, []);
    expect(brush).toMatchObject({ name: "old oak", prompt: "old oak", feather: 3, color: "#112233" });
    expect(brushOf(region, [brush]).name).toBe("old oak 2");
    expect(fieldsOf(brush, [])).toMatchObject({ name: "", prompt: "old oak", color: "#112233" });
    expect(fieldsOf({ ...brush, name: "x" }, [region])).not.toHaveProperty("color");
    expect(fieldsOf({ ...brush, name: "x" }, [region]).name).toBe("x");
  });

  it("get a number where the name is taken, and are not kept twice", () => {
    const other = { ...OAK, prompt: "pine" };
    expect(joined([OAK], [OAK], say)).toEqual([OAK]);
    expect(joined([OAK], [other], say).map(({ name }) => name)).toEqual(["oak", "oak 2"]);
    expect(joined([OAK, { ...other, name: "oak 2" }], [other], say), "taken in before").toHaveLength(2);
    expect(joined([OAK], [{ ...OAK, name: "oak 2" }], say)).toHaveLength(2);
    expect(freeName("oak 2", [{ ...OAK, name: "oak 2" }])).toBe("oak 3");
  });

  it("of a file are as many as there is room for", () => {
    const many = Array.from({ length: 255 }, (_, i) => ({ ...OAK, name: `${i} of ours` }));
    const all = merged(many, [OAK, { ...OAK, name: "pine" }, many[3]!]);
    expect([all.length, all.slice(0, 255), all[255]?.name]).toEqual([256, many, "oak"]);
  });

  it("that are none are passed over in the trait", () => {
    expect(readBrushes([OAK, { name: "x" }, 3])).toEqual([OAK]);
    expect(readBrushes(null)).toEqual([]);
  });
});

describe("a mask from a picture", () => {
  const image = (...pixels: number[][]) =>
    ({
      width: pixels.length,
      height: 1,
      data: Uint8ClampedArray.from(pixels.flat()),
    }) as unknown as ImageData;

  it("is its luminance, or its alpha where it is not opaque", () => {
    expect([...maskOf(image([255, 255, 255, 255], [255, 0, 0, 255], [0, 0, 255, 255])).data]).toEqual([
      255, 76, 29,
    ]);
    expect([...maskOf(image([255, 255, 255, 0], [0, 0, 0, 255], [9, 9, 9, 77])).data]).toEqual([0, 255, 77]);
  });
});

describe("a picture of other proportions", () => {
  it("is cut in its middle, not stretched", () => {
    expect(middle([300, 200], [256, 256])).toEqual([50, 0, 200, 200]);
    expect(middle([100, 400], [512, 256])).toEqual([0, 175, 100, 50]);
    expect(middle([64, 64], [64, 64])).toEqual([0, 0, 64, 64]);
  });
});

describe("the even scale of strength", () => {
  const levels = [0.998, 0.97, 0.85, 0.48];

  it("gives each step the same room", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => strengthAt(share, levels))).toEqual([
      0, 0.48, 0.85, 0.97, 1,
    ]);
    expect(strengthAt(0.125, levels)).toBeCloseTo(0.24);
    for (const share of [0, 0.01, 0.3, 0.62, 0.99, 1])
      expect(shareOf(strengthAt(share, levels), levels)).toBeCloseTo(share);
  });

  it("is the strength itself without levels", () => {
    expect([0.2, 0.9].map((value) => strengthAt(value, []))).toEqual([0.2, 0.9]);
    expect(shareOf(0.3, [1])).toBeCloseTo(0.3);
  });
});
