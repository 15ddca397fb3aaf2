import { expect, it } from "vitest";
import { over } from "../src/tint";

/** As the bytes of ImageData: red, green, blue, alpha. */
const bytes = (word: number) => [...new Uint8Array(new Uint32Array([word]).buffer)];
const word = (...rgba: number[]) => new Uint32Array(new Uint8Array(rgba).buffer)[0]!;
const color = word(0xa0, 0xb0, 0xc0, 0);

it("a pixel that a region covers in part lets what is below shine through", () => {
  // tests/unit/test_bench_canvas.py has the same.
  expect(bytes(over(color, 7, 0))).toEqual([0xa0, 0xb0, 0xc0, 7]);
  expect(bytes(over(color, 51, word(0x10, 0x20, 0x30, 255)))).toEqual([45, 61, 77, 255]);
  expect(bytes(over(color, 60, word(0x10, 0x20, 0x30, 100)))).toEqual([79, 95, 111, 136]);
  expect(bytes(over(color, 255, word(0x10, 0x20, 0x30, 255)))).toEqual([0xa0, 0xb0, 0xc0, 255]);
});
