import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACTIONS, type ActionName, perform } from "../src/actions";
import { emptyMask, type Mask } from "../src/mask";
import { filled, inverted, union } from "../src/maskops";
import { keyCap } from "../src/rowmenu";
import { mergeRegions, newRegion, type Region } from "../src/scene";
import { Store } from "../src/store";

interface Case {
  readonly of: string[];
  readonly is: number[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/mask_ops.json", import.meta.url), "utf8"),
) as {
  width: number;
  height: number;
  masks: Record<string, number[]>;
  union: Case[];
  inverted: Case[];
  filled: Case[];
};

const maskFrom = (data: readonly number[]): Mask => ({
  width: vectors.width,
  height: vectors.height,
  data: Uint8Array.from(data),
});
const named = (name: string) => maskFrom(vectors.masks[name]!);
const bytes = (mask: Mask) => [...mask.data];

describe("masks from masks, as in Python", () => {
  const operations = {
    union: ([a, b]: Mask[]) => union(a!, b!),
    inverted: ([a]: Mask[]) => inverted(a!),
    filled: ([own, ...others]: Mask[]) => filled(own!, others),
  };
  for (const [name, run] of Object.entries(operations)) {
    it.each(vectors[name as keyof typeof operations])(`${name} of $of`, ({ of, is }) => {
      const before = of.map(named);
      expect(bytes(run(before))).toEqual(is);
      expect(before.map(bytes)).toEqual(of.map((one) => vectors.masks[one])); // left as they were
    });
  }
});

interface Canvas {
  readonly do: ActionName;
  readonly with: string;
  readonly before: [id: string, mask: string, hidden?: string][];
  readonly after: [id: string, mask: string, hidden?: string][];
  readonly solo?: string;
  readonly "solo after"?: string;
}

describe("whole canvases, as in Python", () => {
  const { masks, actions } = JSON.parse(
    readFileSync(new URL("../../tests/vectors/region_actions.json", import.meta.url), "utf8"),
  ) as { masks: Record<string, number[]>; actions: Canvas[] };
  const rows = (name: string): Mask => ({
    width: 16,
    height: 16,
    data: Uint8Array.from(masks[name]!.flatMap((value) => Array<number>(16).fill(value))),
  });

  it.each(actions)("$do $with of $before", (example) => {
    const store = new Store();
    store.takeValues({ size: [16, 16], solo: example.solo ?? "" });
    store.takeRegions(example.before.map(([id, , hidden]) => newRegion({ id, visible: !hidden })));
    for (const [id, mask] of example.before) store.takeMask(id, rows(mask));
    expect(perform(store, example.do, example.with)).toBe(true);
    expect(store.regions.map(({ id, visible }) => [id, visible])).toEqual(
      example.after.map(([id, , hidden]) => [id === "*" ? expect.any(String) : id, !hidden]),
    );
    expect(store.regions.map(({ id }) => bytes(store.mask(id)))).toEqual(
      example.after.map(([, mask]) => bytes(rows(mask))),
    );
    expect(store.solo).toBe(example["solo after"] ?? example.solo ?? "");
  });
});

/** A canvas with regions of those masks, the lowest first. */
function canvas(...parts: (Partial<Region> & { id: string; mask: string })[]) {
  const store = new Store();
  store.takeValues({ size: [vectors.width, vectors.height] });
  store.takeRegions(parts.map(({ mask: _, ...fields }) => newRegion({ prompt: fields.id, ...fields })));
  for (const { id, mask } of parts) store.takeMask(id, named(mask));
  const heard: string[] = [];
  store.on("did", (what) => heard.push(`did ${what}`));
  store.on("refused", (what) => heard.push(`refused ${what}`));
  return { store, heard };
}

const ids = (store: Store) => store.regions.map((region) => region.id);
const shown = (store: Store) => store.regions.filter((one) => store.shows(one)).map(({ id }) => id);
const state = (store: Store) =>
  JSON.stringify([store.regions, store.regions.map(({ id }) => bytes(store.mask(id))), store.solo]);

/** Does it, and sees that it is one step of undo, both ways. */
function step(store: Store, name: ActionName, id: string): void {
  const before = state(store);
  expect(perform(store, name, id)).toBe(true);
  const after = state(store);
  expect(after).not.toBe(before);
  store.undo();
  expect(state(store)).toBe(before);
  store.redo();
  expect(state(store)).toBe(after);
}

const two = () => canvas({ id: "sea", mask: "left" }, { id: "boat", mask: "top" });

describe("an action", () => {
  it("moves a region, and says where it is", () => {
    const { store, heard } = two();
    step(store, "down", "boat");
    expect([ids(store), heard.at(-1)]).toEqual([["boat", "sea"], 'did "boat" is number 2 of 2 from above.']);
    expect([perform(store, "down", "boat"), heard.at(-1)]).toEqual([
      false,
      'refused "boat" is the lowest region already.',
    ]);
    expect(perform(store, "up", "sea")).toBe(false);
  });

  it("duplicates a region with its mask and settings, just above it, in a color of its own", () => {
    const { store } = canvas(
      { id: "sea", mask: "soft", strength: 0.5, seed: 7, negative_prompt: "ship", feather: 3, locked: true },
      { id: "boat", mask: "top" },
    );
    step(store, "duplicate", "sea");
    const [sea, copy, boat] = store.regions as [Region, Region, Region];
    expect(boat.id).toBe("boat");
    expect(copy).toEqual({ ...sea, id: copy.id, color: copy.color });
    expect(ids(store).filter((id) => id === copy.id)).toHaveLength(1);
    expect(copy.color).not.toBe(sea.color);
    expect(bytes(store.mask(copy.id))).toEqual(vectors.masks.soft);
    expect(store.mask(copy.id).data).not.toBe(store.mask("sea").data);
    expect(store.active).toBe(copy.id);
  });

  it("duplicates up to the limit", () => {
    const { store, heard } = canvas(
      ...Array.from({ length: 64 }, (_, i) => ({ id: `r${i}`, mask: "empty" })),
    );
    expect(perform(store, "duplicate", "r0")).toBe(false);
    expect(heard).toEqual(["refused A canvas has at most 64 regions. Delete or merge some first."]);
  });

  it("merges a region into the one below, whose prompt stays", () => {
    const { store, heard } = canvas(
      { id: "sea", mask: "left" },
      { id: "boat", mask: "soft" },
      { id: "sun", mask: "top" },
    );
    store.set({ active: "boat" });
    step(store, "merge", "boat");
    expect(ids(store)).toEqual(["sea", "sun"]);
    expect([store.regions[0]?.prompt, store.active]).toEqual(["sea", "sea"]);
    expect(bytes(store.mask("sea"))).toEqual(vectors.union[1]!.is);
    expect(perform(store, "merge", "sea")).toBe(false);
    expect(heard.at(-1)).toBe('refused "sea" is the lowest region; there is none below to merge it into.');
  });

  it("merging keeps in sight what was in sight", () => {
    for (const [upper, lower] of [
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const { store } = canvas(
        { id: "sea", mask: "left", visible: lower },
        { id: "boat", mask: "top", visible: upper },
      );
      step(store, "merge", "boat");
      expect(store.regions[0]?.visible).toBe(upper || lower);
    }
  });

  it("paints a region alone, and then exactly what was painted before", () => {
    const { store, heard } = canvas(
      { id: "sea", mask: "left" },
      { id: "boat", mask: "top", visible: false },
      { id: "sun", mask: "soft" },
    );
    const before = store.regions;
    step(store, "solo", "boat");
    expect([shown(store), heard.at(-1)]).toEqual([["boat"], 'did Only "boat" is painted.']);
    step(store, "solo", "sun");
    expect(shown(store)).toEqual(["sun"]);
    step(store, "solo", "sun");
    expect([shown(store), heard.at(-1)]).toEqual([
      ["sea", "sun"],
      "did All visible regions are painted again.",
    ]);
    expect(store.regions).toEqual(before);
  });

  it("a solo ends with its region, passes on in a merger, and comes back with undo", () => {
    const { store } = two();
    step(store, "solo", "boat");
    step(store, "delete", "boat");
    expect(shown(store)).toEqual(["sea"]);
    store.undo();
    expect(shown(store)).toEqual(["boat"]);
    step(store, "merge", "boat");
    expect([store.solo, shown(store)]).toEqual(["sea", ["sea"]]);
  });

  it("a solo ends when another region is drawn on, or shown or hidden by its eye", () => {
    const ends = (run: (store: Store) => void, alone = "boat") => {
      const { store } = two();
      perform(store, "solo", alone);
      run(store);
      const after = shown(store);
      store.undo();
      expect(shown(store)).toEqual([alone]);
      return after;
    };
    const draw = (store: Store) => {
      store.set({ active: "sea" });
      store.beginStroke(255)?.to(3, 1, 1);
      store.endStroke();
    };
    expect(ends(draw)).toEqual(["sea", "boat"]);
    expect(ends((store) => store.setVisible("sea", true))).toEqual(["sea", "boat"]);
    expect(ends((store) => store.setVisible("boat", false))).toEqual(["sea"]);
    expect(ends((store) => void perform(store, "invert", "sea"))).toEqual(["sea", "boat"]);
  });

  it("a stroke that is taken back gives the solo back", () => {
    const { store } = two();
    perform(store, "solo", "boat");
    store.set({ active: "sea" });
    store.beginStroke(255)?.to(3, 1, 1);
    store.endStroke(false);
    expect(shown(store)).toEqual(["boat"]);
  });

  it("inverts, clears and fills a mask", () => {
    const { store, heard } = canvas({ id: "sea", mask: "soft" }, { id: "boat", mask: "left" });
    step(store, "invert", "sea");
    expect(bytes(store.mask("sea"))).toEqual(vectors.inverted[2]!.is);
    step(store, "invert", "sea");
    step(store, "fill", "boat");
    expect(bytes(store.mask("boat"))).toEqual(vectors.filled[3]!.is);
    step(store, "clear", "boat");
    expect([bytes(store.mask("boat")), perform(store, "clear", "boat")]).toEqual([
      vectors.masks.empty,
      false,
    ]);
    expect(heard.at(-1)).toBe('refused The mask of "boat" is empty already.');
  });

  it("fills what visible regions leave, even while one of them is painted alone", () => {
    const { store, heard } = canvas(
      { id: "sea", mask: "left" },
      { id: "hidden", mask: "full", visible: false },
      { id: "boat", mask: "empty" },
    );
    perform(store, "solo", "boat");
    step(store, "fill", "boat");
    expect(bytes(store.mask("boat"))).toEqual(vectors.inverted[0]!.is);
    expect(perform(store, "fill", "boat")).toBe(false);
    expect(heard.at(-1)).toMatch(/^refused Nothing is left/);
  });

  it("shows a hidden region whose mask it draws, as the pen does", () => {
    const { store } = canvas({ id: "sea", mask: "left", visible: false });
    step(store, "invert", "sea");
    expect(store.regions[0]?.visible).toBe(true);
  });

  it("leaves the mask of a locked region alone, and says so", () => {
    const { store, heard } = canvas(
      { id: "sea", mask: "left", locked: true },
      { id: "boat", mask: "top" },
      { id: "sun", mask: "soft", locked: true },
    );
    const before = state(store);
    for (const name of ["fill", "invert", "clear"] as const) expect(perform(store, name, "sea")).toBe(false);
    expect(perform(store, "merge", "boat")).toBe(false);
    expect(new Set(heard)).toEqual(new Set(['refused "sea" is locked. Unlock it first.']));
    expect(perform(store, "merge", "sun")).toBe(false);
    expect(state(store)).toBe(before);
    for (const name of ["solo", "duplicate"] as const) expect(perform(store, name, "sea")).toBe(true);
    store.undo();
    expect(perform(store, "down", "boat")).toBe(true);
  });

  it("needs a region", () => {
    const { store, heard } = canvas();
    expect(perform(store, "invert")).toBe(false);
    expect(heard).toEqual(["refused Choose a region first."]);
  });

  it("comes after the stroke that is being drawn, which is a step of its own", () => {
    const { store } = canvas({ id: "sea", mask: "empty" });
    store.beginStroke(255)?.to(0, 0, 1);
    expect(perform(store, "invert", "sea")).toBe(true);
    expect(bytes(store.mask("sea"))[0]).toBe(0);
    store.undo();
    expect(bytes(store.mask("sea"))[0]).toBe(255);
    store.undo();
    expect(bytes(store.mask("sea"))).toEqual(vectors.masks.empty);
  });

  it("has a key of its own", () => {
    const keys = ACTIONS.map(keyCap);
    expect(keys).toEqual([
      "Alt+↑",
      "Alt+↓",
      "C",
      "T",
      "M",
      "A",
      "Shift+H",
      "Shift+L",
      "Shift+C",
      "F",
      "Shift+I",
      "Del",
      "Shift+Del",
    ]);
  });
});

describe("regions of Python's among ours", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => newRegion({ id })) as [
    Region,
    Region,
    Region,
    Region,
  ];

  it("come where Python put them", () => {
    expect(mergeRegions([a, b], [a, b], [a, c, b])).toEqual([a, c, b]);
    expect(mergeRegions([a, b], [a, b], [c, a, b])).toEqual([c, a, b]);
    expect(mergeRegions([a, b], [b, a], [a, c, b])).toEqual([b, a, c]);
  });

  it("lie above those that were ours first, on the same place", () => {
    expect(mergeRegions([a], [a, b], [a, c])).toEqual([a, b, c]);
    expect(mergeRegions([a, d], [a, b, d], [a, c, d])).toEqual([a, b, c, d]);
  });
});

it("an empty mask is inverted to a full one of any size", () => {
  expect(inverted(emptyMask(3, 5)).data.every((value) => value === 255)).toBe(true);
});
