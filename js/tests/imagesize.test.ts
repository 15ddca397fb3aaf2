// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import vectors from "../../tests/vectors/pictures.json";
import { Endings } from "../src/dom";
import { imageSize } from "../src/imagesize";
import { en } from "../src/languages/en";
import { pictureCard } from "../src/picturecard";
import { MAX_SIDE, pixelsOf } from "../src/pictures";
import { Store } from "../src/store";

const bytesOf = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const cases = Object.entries(vectors).map(
  ([name, { size, base64 }]) => [name, size, bytesOf(base64)] as const,
);
const png = (width: number, height: number) => {
  const bytes = bytesOf(vectors.png.base64).slice();
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
};

afterEach(() => void vi.unstubAllGlobals());

describe("the size in a picture's header", () => {
  it.each(cases)("is found: %s", async (_, size, bytes) => {
    expect(await imageSize(new Blob([bytes]))).toEqual(size);
  });

  it.each(cases)("is none where the file ends too soon: %s", async (_, size, bytes) => {
    for (let end = 0; end < Math.min(bytes.length, 40); end++) {
      const found = await imageSize(new Blob([bytes.slice(0, end)]));
      expect([null, size]).toContainEqual(found);
    }
    expect(await imageSize(new Blob([bytes.slice(0, 12)]))).not.toEqual([0, 0]);
  });

  it("is none for what is no picture, or says that it has no pixels", async () => {
    for (const text of ["", "GI", "a text", "\xff\xd8\xff\xd9", "<svg width='9' height='9'/>"])
      expect(await imageSize(new Blob([Uint8Array.from(text, (char) => char.charCodeAt(0))]))).toBeNull();
    expect(await imageSize(new Blob([png(0, 9)]))).toBeNull();
  });

  it("does not follow a file in circles", async () => {
    const box = new Uint8Array(64);
    box.set(new TextEncoder().encode("ftypavif"), 4);
    box[3] = 16; // then boxes of no length
    expect(await imageSize(new Blob([box]))).toBeNull();
    const filling = new Uint8Array(20_000).fill(255);
    filling.set([0xff, 0xd8]);
    expect(await imageSize(new Blob([filling]))).toBeNull();
  });
});

describe("a picture of too many pixels", () => {
  const large = new File([png(20_000, 20_000)], "sky.png", { type: "image/png" });

  it("is refused before it is decoded, with value, limit and way out", async () => {
    const decode = vi.fn();
    vi.stubGlobal("createImageBitmap", decode);
    const why = `"sky.png" has 20000 x 20000 px; sides of up to ${MAX_SIDE} px are taken. Make it smaller first.`;
    await expect(pixelsOf(large, [64, 64], '"sky.png"', en.pictures)).rejects.toThrow(why);
    expect(decode).not.toHaveBeenCalled();
  });

  it("is not shown on the card that asks what it is to be", async () => {
    const store = new Store();
    const refused: string[] = [];
    store.on("refused", (why) => refused.push(why));
    const card = pictureCard(store, new Endings(), () => {});
    card.offer([large]);
    await vi.waitFor(() => expect(refused).toHaveLength(1));
    expect(refused[0]).toContain("20000 x 20000");
    expect([card.element.hidden, card.element.querySelector("img")?.getAttribute("src")]).toEqual([
      true,
      null,
    ]);
    card.offer([new File([bytesOf(vectors.jpeg.base64)], "house.jpg", { type: "image/jpeg" })]);
    await vi.waitFor(() => expect(card.element.hidden).toBe(false));
    expect(card.element.textContent).toContain("house.jpg");
  });
});
