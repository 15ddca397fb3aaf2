import { describe, expect, it } from "vitest";
import { type Place, SteadyHand, stringLength } from "../src/steady";

const trail = (length: number, pointers: readonly Place[]) => {
  const hand = new SteadyHand(length);
  const inks = pointers.map((pointer) => hand.follow(pointer)).filter((ink) => ink !== null);
  return { hand, inks };
};
const distance = (a: Place, b: Place) => Math.hypot(a[0] - b[0], a[1] - b[1]);

describe("a steady hand", () => {
  it("without a string is the pointer, wherever it is and however often", () => {
    const pointers: Place[] = [
      [1, 2],
      [1, 2],
      [5.5, 7],
    ];
    const { hand, inks } = trail(0, pointers);
    expect(inks).toEqual(pointers);
    expect(hand.catchUp()).toBeNull();
  });

  it("begins where the pen comes down, and waits until the string is taut", () => {
    const { hand, inks } = trail(10, [
      [0, 0],
      [6, 0],
      [6, 8],
    ]);
    expect(inks).toEqual([[0, 0]]);
    expect(hand.follow([20, 0])).toEqual([10, 0]);
    expect(hand.ink).toEqual([10, 0]);
  });

  it("takes the tremor out of a line", () => {
    const tremor = Array.from({ length: 200 }, (_, i): Place => [i, i % 2 ? 3 : -3]);
    const { inks } = trail(30, tremor);
    const late = inks.slice(20).map(([, y]) => y);
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(6 / 4);
  });

  it("never falls further behind than the string is long", () => {
    const { hand } = trail(12, [[0, 0]]);
    for (let i = 0; i < 100; i++) {
      const pointer: Place = [40 * Math.sin(i / 5), 30 * Math.cos(i / 3)];
      hand.follow(pointer);
      expect(distance(hand.ink!, pointer)).toBeLessThanOrEqual(12 + 1e-9);
    }
  });

  it("goes the same way however often the pointer was asked on a straight line", () => {
    const line = (step: number) => Array.from({ length: 100 / step + 1 }, (_, i): Place => [i * step, 0]);
    const [often, rarely] = [1, 25].map((step) => trail(10, line(step)).hand.ink!);
    expect(often![0]).toBeCloseTo(rarely![0], 9);
  });

  it("ends where the pen was lifted", () => {
    const { hand } = trail(10, [
      [0, 0],
      [30, 0],
      [30, 4],
    ]);
    expect(hand.catchUp()).toEqual([30, 4]);
    expect(hand.catchUp()).toBeNull();
  });

  it("has a string for each setting, none for the first", () => {
    const lengths = [0, 1, 50, 100].map(stringLength);
    expect(lengths[0]).toBe(0);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  });
});
