// Edits that are not made here: Python's can be taken back, those of another page are taken back there.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link } from "../src/link";
import { emptyMask, type Mask } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import { Store } from "../src/store";
import { asTrait, FakeModel, maskOf } from "./model";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HOUSE = newRegion({ id: "a", prompt: "house" });
const SEA = newRegion({ id: "b", prompt: "sea" });
const SUN = newRegion({ id: "c", prompt: "sun" });

function open(values: Record<string, unknown> = {}) {
  const masks = { a: asTrait(maskOf([1, 1])), b: asTrait(maskOf([2, 2])) };
  const model = new FakeModel({ regions: [HOUSE, SEA], masks, mask_revisions: { a: 0, b: 0 }, ...values });
  const store = new Store();
  const link = new Link(model, store);
  /** One message of Python's. */
  const python = async (told: Record<string, unknown>) => {
    model.python(told);
    await Promise.resolve();
  };
  return { model, store, link, python };
}

/** All that a person sees of the drawing. */
function drawing(store: Store) {
  const regions = store.regions.map((region) => ({ ...region, mask: store.mask(region.id) }));
  const { background, seed, size, style_text } = store;
  return structuredClone({ regions, background, seed, size, style_text });
}

const filled = (size: readonly [number, number]): Mask => {
  const mask = emptyMask(...size);
  mask.data.fill(255);
  return mask;
};

describe("an edit of Python's", () => {
  it.each<[string, Record<string, unknown>]>([
    ["no regions", { regions: [], masks: {} }],
    ["a region less", { regions: [SEA], masks: { b: asTrait(maskOf([2, 2])) }, mask_revisions: {} }],
    ["a region more, its mask first", { masks: { c: asTrait(maskOf([9, 9])) }, regions: [HOUSE, SEA, SUN] }],
    ["another order", { regions: [SEA, HOUSE] }],
    ["all at once", { regions: [SUN, { ...SEA, prompt: "red sea", seed: 4 }], seed: 5, background: "sky" }],
    ["a mask", { masks: { a: asTrait(maskOf([9, 9])) } }],
    ["an empty mask", { masks: { a: asTrait(emptyMask(64, 64)) } }],
    ["a value", { seed: 5 }],
    ["a size", { size: [32, 16], masks: { a: asTrait(filled([32, 16])), b: asTrait(filled([32, 16])) } }],
    ["texts", { style_text: "watercolor", background: "hills" }],
  ])("is one step of undo, both ways, and told to nobody: %s", async (_, told) => {
    const { model, store, python } = open();
    const before = drawing(store);
    await python(told);
    vi.advanceTimersByTime(1000);
    expect(model.saved).toEqual([]);
    const after = drawing(store);
    expect(after).not.toEqual(before);
    expect(store.history.undoLabel).toBe("python");
    store.undo();
    expect(drawing(store)).toEqual(before);
    expect(store.history.undoLabel).toBeNull();
    expect(model.saved.length + model.sent.length).toBeGreaterThan(0); // that is written through
    store.redo();
    expect(drawing(store)).toEqual(after);
  });

  it("is no step where it changes nothing, or only how the canvas is looked at", async () => {
    const { store, python } = open();
    await python({ regions: [HOUSE, SEA], masks: { a: asTrait(maskOf([1, 1])) }, seed: 0 });
    await python({ paused: true });
    await python({ grid: true, outlines_only: true, side_by_side: true, language: "de" });
    expect(store.history.undoLabel).toBeNull();
  });

  it("leaves the hand where it is, before and after", async () => {
    const { store, python } = open();
    store.set({ active: "a" });
    await python({ regions: [HOUSE, SEA, SUN] });
    expect(store.active).toBe("a");
  });

  it("during a stroke is a step before it", async () => {
    const { store, python } = open();
    store.set({ active: "a" });
    const stroke = store.beginStroke(255);
    stroke?.to(30, 30, 4);
    await python({ masks: { a: asTrait(maskOf([9, 9])) } });
    stroke?.to(40, 30, 4);
    store.endStroke();
    store.undo();
    expect(store.mask("a")).toEqual(maskOf([9, 9]));
    store.undo();
    expect(store.mask("a")).toEqual(maskOf([1, 1]));
    store.redo();
    store.redo();
    expect([store.mask("a").data[30 * 64 + 40], store.mask("a").data[9 * 64 + 9]]).toEqual([255, 255]);
  });

  it("takes a region away under the pen: the stroke is over, the region can come back", async () => {
    const { store, python } = open();
    store.set({ active: "a" });
    const before = drawing(store);
    store.beginStroke(255)?.to(30, 30, 4);
    await python({ regions: [SEA], masks: {} });
    expect([store.stroke, store.active]).toEqual([null, "b"]);
    store.undo();
    expect(drawing(store)).toEqual(before);
  });
});

describe("a burst of Python's edits", () => {
  it("of one mask is one step, wherever its pixels are; a pause begins another", async () => {
    const { store, python } = open();
    for (let i = 0; i < 30; i++) {
      await python({ masks: { a: asTrait(maskOf([2 * i, 63 - i], [i, i])) } });
      vi.advanceTimersByTime(200);
    }
    const first = structuredClone(store.mask("a"));
    vi.advanceTimersByTime(2000);
    await python({ masks: { a: asTrait(maskOf([5, 5])) } });
    store.undo();
    expect(store.mask("a")).toEqual(first);
    store.undo();
    expect(store.mask("a")).toEqual(maskOf([1, 1]));
    expect(store.history.undoLabel).toBeNull();
    store.redo();
    expect(store.mask("a")).toEqual(first);
  });

  it("that sets a mask and a prompt in turn, as an interact does, is one step for each", async () => {
    const { store, python } = open();
    const before = drawing(store);
    for (let i = 0; i < 20; i++) {
      await python({ masks: { a: asTrait(maskOf([i, i])) } });
      await python({ regions: [{ ...HOUSE, prompt: `house ${i}` }, SEA] });
    }
    const after = drawing(store);
    store.undo();
    store.undo();
    expect(drawing(store)).toEqual(before);
    expect(store.history.undoLabel).toBeNull();
    store.redo();
    store.redo();
    expect(drawing(store)).toEqual(after);
  });

  it("is not joined over an edit of the same thing", async () => {
    const { store, python } = open();
    await python({ seed: 1 });
    await python({ seed: 2, steps: 2 });
    await python({ seed: 3 });
    const seen = [];
    for (; store.history.undoLabel; store.undo()) seen.push([store.seed, store.steps]);
    expect(seen).toEqual([
      [3, 2],
      [2, 2],
      [1, 0],
    ]);
  });

  it("of one prompt is one step; other regions and a person's edits have their own", async () => {
    const { store, python } = open();
    const say = (prompt: string, other = "sea") =>
      python({
        regions: [
          { ...HOUSE, prompt },
          { ...SEA, prompt: other },
        ],
      });
    for (const prompt of ["h", "hu", "hut"]) await say(prompt);
    for (const other of ["o", "ocean"]) await say("hut", other);
    store.setValues({ seed: 3 });
    await say("barn", "ocean");
    const prompts = () => store.regions.map(({ prompt }) => prompt).join();
    const seen = [prompts()];
    while (store.history.undoLabel) {
      store.undo();
      seen.push(prompts());
    }
    expect(seen).toEqual(["barn,ocean", "hut,ocean", "hut,ocean", "hut,sea", "house,sea"]);
  });

  it("stays within the bounds of the history", async () => {
    const { store, python } = open({ size: [256, 256], masks: {} });
    const noise = (seed: number) => {
      const mask = emptyMask(256, 256);
      for (let i = 0, x = seed + 1; i < mask.data.length; i++) {
        x = (x * 1103515245 + 12345) % 2 ** 31;
        mask.data[i] = x >> 23;
      }
      return mask;
    };
    for (let i = 0; i < 20; i++) await python({ masks: { a: asTrait(noise(i)) } });
    expect(store.history.bytes).toBeLessThan(3 * 256 * 256);
    for (let i = 0; i < 250; i++) await python({ seed: i + 1, ...(i % 2 && { steps: i }) });
    let steps = 0;
    for (; store.history.undoLabel; steps++) store.undo();
    expect(steps).toBe(200);
  });
});

describe("an edit of another page", () => {
  it("is none of this page's, and no step of undo here", async () => {
    const { model, store, python } = open();
    store.setValues({ seed: 3 });
    await python({ regions: [SEA], seed: 9, page_edit: "other 1" });
    expect([store.regions, store.seed]).toEqual([[SEA], 9]);
    await python({ background: "hills" }); // Python's, which is
    store.undo();
    expect([store.background, store.seed]).toEqual(["", 9]);
    store.undo();
    expect([store.seed, store.regions.length]).toEqual([0, 1]);
    expect(store.history.undoLabel).toBeNull();
    expect(model.writes<string>("page_edit").length).toBe(3);
  });

  it("of the size leaves nothing to take back: no mask of before fits", async () => {
    const { store, python } = open();
    store.set({ active: "a" });
    store.beginStroke(255)?.to(30, 30, 4);
    store.endStroke();
    await python({ size: [32, 16], page_edit: "other 1" });
    expect([store.history.undoLabel, store.mask("a")]).toEqual([null, emptyMask(32, 16)]);
    await python({ masks: { a: asTrait(filled([32, 16])) }, mask_revisions: {} });
    expect(store.mask("a")).toEqual(filled([32, 16]));
    expect(store.history.undoLabel).toBeNull();
  });

  it("of the size is not answered with empty masks", async () => {
    const { model, store, python } = open();
    await python({ size: [32, 16], page_edit: "other 1" });
    store.mask("a"); // somebody looks
    store.set({ active: "b" });
    store.beginStroke(255)?.to(8, 8, 4);
    store.endStroke();
    expect(Object.keys(model.writes<Record<string, DataView>>("masks").at(-1)!)).toEqual(["b"]);
  });
});

describe("the active region", () => {
  it("is told to Python when it changes, once", () => {
    const { model, store } = open({ active: "b" });
    expect(store.active).toBe("b");
    store.set({ active: "a" });
    store.set({ tool: "eraser" });
    expect(model.writes("active")).toEqual(["a"]);
    store.removeRegion("a");
    store.undo();
    expect(model.writes("active")).toEqual(["a", "b", "a"]);
  });

  it("follows Python, and a region that comes with the same message", async () => {
    const { model, store, python } = open({ active: "b" });
    await python({ active: "a" });
    expect(store.active).toBe("a");
    await python({ active: "c", regions: [HOUSE, SEA, SUN] as Region[] });
    expect(store.active).toBe("c");
    await python({ active: "nobody" });
    expect(store.active).toBe("c");
    expect(model.writes("active")).toEqual([]);
  });
});
