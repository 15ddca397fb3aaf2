import { describe, expect, it } from "vitest";
import { perform } from "../src/actions";
import { History, maskOp } from "../src/history";
import { emptyMask } from "../src/mask";
import { Store } from "../src/store";

/** A repeatable stream of numbers in 0..1. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function snapshot(store: Store): string {
  const masks = store.regions.map(({ id }) => Array.from(store.mask(id).data, (v) => (v ? 1 : 0)).join(""));
  return JSON.stringify([store.regions, masks, store.background, store.seed, store.solo]);
}

function newStore(): Store {
  const store = new Store();
  store.takeValues({ size: [24, 16] });
  return store;
}

function stroke(store: Store, value: 0 | 255, points: [number, number][], size = 4): void {
  const begun = store.beginStroke(value);
  for (const [x, y] of points) begun?.to(x, y, size);
  store.endStroke();
}

function randomEdit(store: Store, throwDice: () => number): void {
  const any = <T>(list: readonly T[]): T | undefined => list[Math.floor(throwDice() * list.length)];
  const point = (): [number, number] => [throwDice() * 30 - 3, throwDice() * 20 - 2];
  const region = any(store.regions);
  const edits: (() => void)[] = [
    () => stroke(store, 255, [point(), point()], 1 + throwDice() * 9),
    () => stroke(store, 0, [point(), point(), point()], 1 + throwDice() * 9),
    () => store.addRegion({ prompt: `region ${throwDice()}` }),
    () => region && store.removeRegion(region.id),
    () => region && store.updateRegion(region.id, { prompt: `prompt ${throwDice()}` }),
    () =>
      region && store.updateRegion(region.id, { strength: throwDice(), visible: throwDice() > 0.5 }, true),
    () => region && void perform(store, "clear", region.id),
    () => region && void perform(store, "duplicate", region.id),
    () => region && void perform(store, "merge", region.id),
    () => region && void perform(store, "solo", region.id),
    () => region && void perform(store, "fill", region.id),
    () => region && void perform(store, "invert", region.id),
    () => region && store.updateRegion(region.id, { locked: throwDice() > 0.5 }),
    () => region && store.moveRegion(region.id, Math.floor(throwDice() * store.regions.length)),
    () => store.setValues({ background: `background ${throwDice()}` }),
    () => store.setValues({ seed: Math.floor(throwDice() * 1000) }),
  ];
  any(edits)?.();
  store.history.seal();
}

describe("undo and redo", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("pass through the same states both ways, %i", (seed) => {
    const store = newStore();
    const throwDice = dice(seed);
    const states = [snapshot(store)];
    for (let i = 0; i < 60; i++) {
      randomEdit(store, throwDice);
      const now = snapshot(store);
      if (now !== states.at(-1)) states.push(now);
    }
    const seen = [snapshot(store)];
    while (store.history.undoLabel !== null) {
      store.undo();
      if (snapshot(store) !== seen.at(-1)) seen.push(snapshot(store));
    }
    expect(seen.reverse()).toEqual(states);
    while (store.history.redoLabel !== null) store.redo();
    expect(snapshot(store)).toBe(states.at(-1));
  });

  it("a new edit forgets what was undone", () => {
    const store = newStore();
    store.addRegion({ prompt: "tree" });
    store.addRegion({ prompt: "house" });
    store.undo();
    store.addRegion({ prompt: "sun" });
    expect(store.history.redoLabel).toBeNull();
    expect(store.regions.map((region) => region.prompt)).toEqual(["tree", "sun"]);
  });

  it("the first stroke and the region that it made are one step", () => {
    const store = newStore();
    stroke(store, 255, [[5, 5]]);
    expect(store.regions).toHaveLength(1);
    store.undo();
    expect(store.regions).toHaveLength(0);
    store.redo();
    expect(store.mask(store.regions[0]!.id).data.some((value) => value > 0)).toBe(true);
  });

  it("typing is one step until the field is left", () => {
    const store = newStore();
    const { id } = store.addRegion() ?? { id: "" };
    for (const prompt of ["h", "ho", "house"]) store.updateRegion(id, { prompt }, true);
    store.history.seal();
    for (const prompt of ["house ", "house r"]) store.updateRegion(id, { prompt }, true);
    store.undo();
    expect(store.region(id)?.prompt).toBe("house");
    store.undo();
    expect(store.region(id)?.prompt).toBe("");
  });

  it("a stroke that is taken back leaves nothing", () => {
    const store = newStore();
    const before = snapshot(store);
    store.beginStroke(255)?.to(8, 8, 6);
    store.endStroke(false);
    expect(snapshot(store)).toBe(before);
    expect(store.history.undoLabel).toBeNull();
  });
});

describe("memory", () => {
  const entry = (bytes: number) => {
    const mask = emptyMask(bytes, 1);
    const op = maskOp("a", [0, 0, bytes, 1], mask, mask);
    return { label: "stroke", ops: [op], time: 0 };
  };

  it("is bounded in entries", () => {
    const history = new History(5);
    for (let i = 0; i < 12; i++) history.push(entry(1));
    let undone = 0;
    while (history.undo().length) undone++;
    expect(undone).toBe(5);
  });

  it("is bounded in bytes, and keeps at least the last edit", () => {
    const history = new History(100, 5000);
    for (let i = 0; i < 12; i++) history.push(entry(500));
    expect(history.bytes).toBeLessThanOrEqual(5000);
    history.push(entry(9000));
    expect(history.undoLabel).toBe("stroke");
  });

  it("costs a box of the mask, not all of it", () => {
    const store = new Store();
    store.takeValues({ size: [1024, 1024] });
    stroke(store, 255, [
      [400, 400],
      [460, 430],
    ]);
    expect(store.history.bytes).toBeLessThan(12_000);
    while (store.history.pack());
    expect(store.history.bytes).toBeLessThan(1500);
  });

  it("is less once there was time to pack, and an undo is exact before as after", () => {
    for (const packs of [false, true]) {
      const store = newStore();
      stroke(store, 255, [
        [4, 4],
        [20, 9],
      ]);
      const before = snapshot(store);
      stroke(store, 0, [
        [6, 2],
        [9, 14],
      ]);
      const raw = store.history.bytes;
      if (packs) while (store.history.pack());
      expect(store.history.bytes < raw).toBe(packs);
      const after = snapshot(store);
      store.undo();
      expect(snapshot(store)).toBe(before);
      store.redo();
      expect(snapshot(store)).toBe(after);
    }
  });
});
