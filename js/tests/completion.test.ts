import { describe, expect, it } from "vitest";
import { complete, type Kind, MOST_OFFERS, take } from "../src/completion";
import { NO_WORDS, type Vocabulary } from "../src/protocol";
import { neighbor } from "../src/roving";
import { colorOf, noun, styleOf, withColor, withStyle } from "../src/wording";

const WORDS: Vocabulary = {
  backgrounds: ["sky", "sunset", "night sky", "sea", "flower field", "sand", "snow"],
  objects: ["tree", "pine tree", "flower", "sun", "star", "house", "lighthouse", "snowman"],
  colors: ["red", "sapphire"],
  styles: ["watercolor", "pixel art"],
};

/** The text up to "|" is typed; the caret is there. */
function offers(typed: string, kind: Kind = "region", { words = WORDS, asked = false } = {}) {
  const caret = typed.indexOf("|");
  return complete(typed.replace("|", ""), caret, words, kind, asked);
}
const offered = (typed: string, kind: Kind = "region") => offers(typed, kind)?.words ?? [];

describe("completion", () => {
  it("offers what begins so first, then later words, then what holds it", () => {
    expect(offered("ho|")).toEqual(["house", "lighthouse"]);
    expect(offered("tr|")).toEqual(["tree", "pine tree"]);
    expect(offered("fi|")).toEqual(["flower field"]);
    expect(offered("e|")).toEqual([]); // one letter inside a word says nothing
  });

  it("does not mind capitals", () => {
    expect(offered("HO|")).toEqual(["house", "lighthouse"]);
  });

  it("knows what kind of prompt is typed", () => {
    expect(offered("s|")[0]).toBe("sun");
    expect(offered("s|", "background")[0]).toBe("sky");
  });

  it("offers seven at most", () => {
    expect(offered("s|")).toHaveLength(MOST_OFFERS);
  });

  it("replaces the word at the caret, also in the middle of a prompt", () => {
    const text = "a hou with a tree";
    const found = complete(text, 5, WORDS, "region");
    expect(found).toMatchObject({ from: 2, to: 5 });
    expect(take(text, found!, "house", WORDS)).toEqual({ text: "a house with a tree", caret: 7 });
    expect(offers("a ho|xy")).toMatchObject({ from: 2, to: 6 });
  });

  it("finds a name of several words by its first ones", () => {
    expect(offered("red night |")).toEqual(["night sky"]);
    expect(offered("a night s|")).toEqual(["night sky"]);
    expect(offers("a pine  t|")).toMatchObject({ from: 2, words: ["pine tree"] });
  });

  it("offers objects after a color, with a space between", () => {
    expect(offered("red |")).toEqual(WORDS.objects.slice(0, MOST_OFFERS));
    expect(offered("red s|").slice(0, 3)).toEqual(["sun", "star", "snowman"]);
    expect(offered("re|")).toEqual(["red", "tree", "pine tree", "sapphire"]);
    expect(take("re", offers("re|")!, "red", WORDS)).toEqual({ text: "red ", caret: 4 });
    const after = { from: 3, to: 3, words: [] };
    expect(take("red", after, "house", WORDS).text).toBe("red house");
  });

  it("offers styles after a comma", () => {
    expect(offered("house, |")).toEqual(WORDS.styles);
    expect(offered("house, p|")[0]).toBe("pixel art");
  });

  it("offers nothing where nothing is typed, unless it is asked", () => {
    expect(offers("|")).toBeNull();
    expect(offers("house |")).toBeNull();
    expect(offers("|", "region", { asked: true })?.words).toHaveLength(MOST_OFFERS);
  });

  it("does not offer what is there already, nor anything without a vocabulary", () => {
    expect(offered("house|")).toEqual(["lighthouse"]);
    expect(offers("lighthouse|")).toBeNull();
    expect(offers("ho|", "region", { words: NO_WORDS, asked: true })).toBeNull();
  });
});

describe("colors and styles in a prompt", () => {
  it("a color goes before the noun, in place of another one", () => {
    expect(withColor("house", "red", WORDS)).toBe("red house");
    expect(withColor("sapphire house", "red", WORDS)).toBe("red house");
    expect(withColor("a Red house, watercolor", "", WORDS)).toBe("a house, watercolor");
    expect([colorOf("a Red house", WORDS), colorOf("reddish house", WORDS)]).toEqual(["red", ""]);
  });

  it("a style goes to the end, in place of another one", () => {
    expect(withStyle("house", "pixel art", WORDS)).toBe("house, pixel art");
    expect(withStyle("big, red house, Watercolor", "pixel art", WORDS)).toBe("big, red house, pixel art");
    expect(withStyle("house, pixel art", "", WORDS)).toBe("house");
    expect(withStyle(" ", "pixel art", WORDS).trim()).toBe("");
    expect([styleOf("house, Pixel art", WORDS), styleOf("watercolor", WORDS)]).toEqual(["pixel art", ""]);
  });

  it("the noun is what is left", () => {
    expect(noun("the red Pine tree, watercolor", WORDS)).toBe("pine tree");
  });
});

describe("arrows in a grid", () => {
  const places = [0, 1, 2, 3, 4, 5, 6].map((i) => ({ left: 50 * (i % 3), top: 60 * Math.floor(i / 3) }));

  it("go to the neighbor, and stay at the edge", () => {
    const from = (at: number) =>
      ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"].map((key) => neighbor(places, at, key));
    expect(from(4)).toEqual([5, 3, 6, 1]);
    expect(from(0)).toEqual([1, 0, 3, 0]);
    expect(from(6)).toEqual([6, 5, 6, 3]);
  });
});
