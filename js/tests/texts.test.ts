import { describe, expect, it } from "vitest";
import { cut, isolate, isolateQuotes, shorten } from "../src/texts";

describe("people's words in our sentences", () => {
  it("isolates what runs from right to left, and nothing else", () => {
    expect(isolate("بيت")).toBe("\u2068بيت\u2069");
    expect(isolate("בית 2")).toBe("\u2068בית 2\u2069");
    expect(isolate("a house, 家 🏠")).toBe("a house, 家 🏠");
    expect(isolateQuotes('Unknown "بيت" and "cat".')).toBe('Unknown "\u2068بيت\u2069" and "cat".');
  });

  it("shortens between characters as people count them", () => {
    const family = "👩‍👩‍👧‍👦";
    expect(shorten(family.repeat(3), 3)).toBe(family.repeat(3));
    expect(shorten(family.repeat(4), 3)).toBe(`${family.repeat(2)}…`);
    expect(shorten("a lighthouse", 40)).toBe("a lighthouse");
    expect(shorten("abcdef", 4)).toBe("abc…");
  });

  it("cuts off no half of a pair", () => {
    expect(cut("ab🏠", 3)).toBe("ab");
    expect(cut("ab🏠", 4)).toBe("ab🏠");
    expect(cut("abc", 2)).toBe("ab");
  });
});
