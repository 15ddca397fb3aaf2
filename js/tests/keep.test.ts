// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { base64, Keeper } from "../src/keep";
import { Link } from "../src/link";
import { pack } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import { Store } from "../src/store";
import { asTrait, FakeModel, maskOf } from "./model";

const NOTEBOOK = "a.ipynb";
const newBrush = {
  negative_prompt: "",
  color: "",
  strength: 1,
  prompt_strength: 1,
  feather: null,
  seed: null,
};
const all: (() => void)[] = [];

function canvas(id: string, values: Record<string, unknown> = {}, notebook = NOTEBOOK) {
  const model = new FakeModel({ canvas_id: id, ...values });
  const store = new Store();
  const link = new Link(model, store);
  const keeper = new Keeper(model, store, notebook);
  const endView = keeper.addView();
  const close = () => {
    endView();
    keeper.dispose();
    link.dispose();
  };
  all.push(close);
  return { model, store, keeper, close, link };
}

function draw(store: Store, x: number, prompt = "house"): void {
  store.beginStroke(255)?.to(x, 30, 9);
  store.endStroke();
  store.updateRegion(store.regions.at(-1)!.id, { prompt });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  for (const close of all.splice(0)) close();
  vi.unstubAllGlobals();
  localStorage.clear();
  vi.useRealTimers();
});

describe("a drawing that was made by hand", () => {
  it("is offered to the next canvas of the notebook, byte for byte, as one step of undo", () => {
    const first = canvas("one", { background: "sea" });
    draw(first.store, 20);
    first.store.setValues({ seed: 7 });
    const mask = first.store.mask(first.store.regions[0]!.id);
    first.close();

    const { store, keeper, model } = canvas("two", { background: "sky" });
    expect(model.writes("kept").at(-1)).toMatchObject({ regions: 1, prompts: ["house"] });
    keeper.bringBack();
    expect([store.background, store.seed, store.regions.map(({ prompt }) => prompt)]).toEqual([
      "sea",
      7,
      ["house"],
    ]);
    expect(store.mask(store.regions[0]!.id)).toEqual(mask);
    expect(model.writes("kept").at(-1)).toEqual({});
    store.undo();
    expect([store.background, store.seed, store.regions]).toEqual(["sky", 0, []]);
  });

  it("brings its brushes beside those that are here, and undo takes only them away", () => {
    const brush = (name: string, prompt: string) => ({ ...newBrush, name, prompt });
    const first = canvas("one", { brushes: [brush("oak", "old oak"), brush("sea", "sea")] });
    draw(first.store, 20);
    first.close();
    const { store, keeper } = canvas("two", { brushes: [brush("oak", "young oak"), brush("sea", "sea")] });
    keeper.bringBack();
    expect(store.brushes.map(({ name, prompt }) => [name, prompt])).toEqual([
      ["oak", "young oak"],
      ["sea", "sea"],
      ["oak 2", "old oak"],
    ]);
    store.undo();
    expect(store.brushes.map(({ name }) => name)).toEqual(["oak", "sea"]);
  });

  it("is brought back at Python's word", () => {
    const first = canvas("one");
    draw(first.store, 20);
    first.close();
    const { model, store } = canvas("two");
    model.tell({ type: "bring_back" });
    expect(store.regions[0]?.prompt).toBe("house");
  });

  it("is kept while the pen is down, for a page that goes away without a word", () => {
    const { store, model } = canvas("one");
    store.beginStroke(255)?.to(20, 30, 9);
    vi.advanceTimersByTime(1000);
    expect(Object.keys(localStorage)).toHaveLength(1);
    const drawn = structuredClone(store.mask(store.regions[0]!.id));
    (globalThis as { semanticdrawShown?: Map<string, number> }).semanticdrawShown!.clear(); // another page
    const next = canvas("two");
    next.keeper.bringBack();
    expect(next.store.mask(next.store.regions[0]!.id)).toEqual(drawn);
    expect(model.dead).toBe(false);
  });

  it("comes from the notebook's file, where no kernel holds it", () => {
    const scene = { regions: [newRegion({ id: "a", prompt: "sea" })], masks: { a: asTrait(maskOf([3, 3])) } };
    const first = canvas("one", scene);
    first.link.setAlive(false);
    first.close();
    expect(canvas("two").keeper.offer?.regions[0]?.fields.prompt).toBe("sea");
  });

  it("is offered to the same canvas if the kernel never got it", () => {
    const first = canvas("one");
    first.link.setAlive(false);
    draw(first.store, 20);
    first.close();
    const again = canvas("one");
    expect(again.store.regions).toEqual([]);
    again.keeper.bringBack();
    expect(again.store.regions[0]?.prompt).toBe("house");
  });
});

describe("nothing is offered", () => {
  const offers = (id: string, values = {}, notebook = NOTEBOOK) =>
    canvas(id, values, notebook).keeper.offer !== null;

  it("while the other canvas is on the page, nor in another notebook, nor for another size", () => {
    const first = canvas("one");
    draw(first.store, 20);
    first.keeper.write();
    expect(offers("two")).toBe(false);
    first.close();
    expect(offers("three", {}, "b.ipynb")).toBe(false);
    expect(offers("four", { size: [128, 64] })).toBe(false);
    expect(offers("five")).toBe(true);
  });

  it("of what Python alone has drawn, since the cell draws it again", () => {
    const scene = { regions: [newRegion({ id: "a", prompt: "sea" })], masks: { a: asTrait(maskOf([3, 3])) } };
    canvas("one", scene).close();
    expect(offers("two")).toBe(false);
  });

  it("that the canvas shows already, whatever the regions' ids", () => {
    const first = canvas("one");
    draw(first.store, 20);
    const mask = structuredClone(first.store.mask(first.store.regions[0]!.id));
    const same = { ...(first.store.regions[0] as Region), id: "other" };
    first.close();
    expect(offers("two", { regions: [same], masks: { other: asTrait(mask) } })).toBe(false);
  });

  it("once it was dismissed", () => {
    const first = canvas("one");
    draw(first.store, 20);
    first.close();
    const second = canvas("two");
    second.keeper.dismiss();
    expect(second.keeper.offer).toBeNull();
    expect(offers("three")).toBe(false);
  });
});

describe("storage", () => {
  it("is written a mask at a time, while nobody waits for it, and at once where somebody goes", () => {
    const first = canvas("one");
    const add = (x: number, prompt: string) => {
      first.store.addRegion();
      draw(first.store, x, prompt);
    };
    for (const prompt of ["sea", "boat", "sun"]) add(20, prompt);
    vi.advanceTimersByTime(800);
    expect(Object.keys(localStorage)).toEqual([]);
    vi.advanceTimersByTime(50);
    add(30, "moon"); // the pen goes on meanwhile
    vi.advanceTimersByTime(150);
    const kept = () => JSON.parse(localStorage.getItem(Object.keys(localStorage)[0]!)!);
    expect(kept().regions).toHaveLength(4);
    const masks = first.store.regions.map(({ id }) => base64(pack(first.store.mask(id))));
    expect(kept().regions.map(({ mask }: { mask: string }) => mask)).toEqual(masks);
    add(40, "star");
    first.close();
    expect(kept().regions).toHaveLength(5);
    localStorage.clear();
    vi.advanceTimersByTime(5000);
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it("holds a few drawings of a notebook, the newest ones", () => {
    for (let i = 0; i < 9; i++) {
      vi.setSystemTime(1000 * (i + 1));
      const one = canvas(`canvas ${i}`);
      draw(one.store, 10 + i, `house ${i}`);
      one.close();
    }
    expect(Object.keys(localStorage)).toHaveLength(4);
    expect(canvas("next").keeper.offer?.regions[0]?.fields.prompt).toBe("house 8");
  });

  /** Room for so many characters, as a browser has for a few million; what is there already stays. */
  function room(most: number): void {
    const before: Record<string, string> = { ...localStorage };
    const items = { ...before };
    const methods = {
      getItem: (key: string) => items[key] ?? null,
      removeItem: (key: string) => delete items[key],
      setItem(key: string, text: string) {
        const others = Object.keys(items).filter((other) => other !== key);
        const used = others.reduce((sum, other) => sum + items[other]!.length, 0);
        if (used + text.length > most && before[key] !== text)
          throw new DOMException("full", "QuotaExceededError");
        items[key] = text;
      },
    };
    const get = (_: object, name: string) => methods[name as keyof typeof methods];
    vi.stubGlobal("localStorage", new Proxy(items, { get }));
  }

  const prompts = () =>
    Object.keys(localStorage)
      .map((key) => JSON.parse(localStorage.getItem(key)!).regions[0].fields.prompt)
      .sort();

  function fill(names: string[], note = ""): void {
    for (const [i, name] of names.entries()) {
      vi.setSystemTime(1000 * (i + 1));
      const one = canvas(name, {}, `${name}.ipynb`);
      draw(one.store, 10 + i, name);
      one.store.updateRegion(one.store.regions[0]!.id, { negative_prompt: note });
      one.close();
    }
  }

  it("that is full makes as many of the oldest give way as there must, and no more", () => {
    fill(["a", "b", "c", "d"], "x".repeat(900));
    room(Object.values({ ...localStorage }).reduce((sum, text) => sum + text.length, 100));
    vi.setSystemTime(9000);
    const { store, close } = canvas("new");
    draw(store, 40, "new");
    close();
    expect(prompts()).toEqual(["b", "c", "d", "new"]);
  });

  it("too small for a drawing gives back what made way for it", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    fill(["a", "b"]);
    const before = prompts();
    room(2000);
    const { store, keeper, close } = canvas("new");
    draw(store, 40, "z".repeat(1000));
    store.updateRegion(store.regions[0]!.id, { negative_prompt: "y".repeat(1000) });
    expect(keeper.write()).toBe(false);
    expect(prompts()).toEqual(before);
    close();
  });

  it("that is full loses nothing when a drawing is brought back", () => {
    fill(["a", "b"]);
    room(Object.values({ ...localStorage }).reduce((sum, text) => sum + text.length, 40));
    const { keeper } = canvas("new", {}, "b.ipynb");
    keeper.bringBack();
    expect([prompts(), keeper.offer]).toEqual([["a", "b"], null]);
  });

  it("that takes nothing more keeps the offered drawing when it is brought back", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    fill(["a", "b"]);
    room(0);
    const { store, keeper, close } = canvas("new", {}, "b.ipynb");
    keeper.bringBack();
    expect([store.regions[0]?.prompt, keeper.offer]).toEqual(["b", null]);
    close();
    expect(prompts()).toEqual(["a", "b"]);
    vi.unstubAllGlobals();
    expect(canvas("next", {}, "b.ipynb").keeper.offer?.regions[0]?.fields.prompt).toBe("b");
  });

  it("that is full or damaged stops nobody from drawing", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    localStorage.setItem(`semanticdraw:kept:${NOTEBOOK}|x`, "{damaged");
    const set = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const { store, keeper } = canvas("one");
    draw(store, 20);
    expect(() => keeper.write()).not.toThrow();
    set.mockRestore();
    expect(store.regions).toHaveLength(1);
  });
});

describe("a connection that comes back", () => {
  it("what the host tells from before does not undo what was done meanwhile", () => {
    const house = newRegion({ id: "a", prompt: "house" });
    const { model, store, link } = canvas("one", { regions: [house], background: "sky", seed: 1 });
    link.addView();
    link.setAlive(false, true);
    expect(store.cut).toBe(true);
    store.updateRegion("a", { prompt: "tree" });
    store.setValues({ background: "sea" });
    link.setAlive(true);
    // JupyterLab asks the kernel for its state, and tells what it was before our edits came there.
    model.python({ regions: [house], background: "sky", seed: 1 });
    expect([store.regions[0]?.prompt, store.background]).toEqual(["tree", "sea"]);
    const view = model.messages("ready").at(-1)!.view;
    model.tell({ type: "attached", view });
    model.python({ background: "sky" }); // now it is Python's wish
    expect(store.background).toBe("sky");
  });

  it("what Python did meanwhile is taken over", () => {
    const house = newRegion({ id: "a", prompt: "house" });
    const { model, store, link } = canvas("one", { regions: [house], background: "sky" });
    link.addView();
    link.setAlive(false, true);
    store.updateRegion("a", { prompt: "tree" });
    link.setAlive(true);
    model.python({ regions: [newRegion({ id: "a", prompt: "house", seed: 5 })], background: "sunset" });
    expect(store.regions[0]).toMatchObject({ prompt: "tree", seed: 5 });
    expect(store.background).toBe("sunset");
  });
});
