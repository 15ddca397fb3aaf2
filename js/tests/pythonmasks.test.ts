// Masks that Python sets while the canvas draws: whatever is on its way, both end with the same pixels.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link, PATCH_MS } from "../src/link";
import { emptyMask, type Mask } from "../src/mask";
import { inverted } from "../src/maskops";
import { newRegion } from "../src/scene";
import { Store } from "../src/store";
import { Kernel } from "./kernel";
import { maskOf } from "./model";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REGIONS = [newRegion({ id: "a", prompt: "house" }), newRegion({ id: "b", prompt: "sea" })];

function open(kernel: Kernel) {
  vi.setSystemTime(Date.now() + 60_000); // each page counts from when it was opened
  const model = kernel.page({ regions: REGIONS });
  const store = new Store();
  return { model, store, link: new Link(model, store) };
}

function draw(store: Store, x: number, y: number, size = 6, value: 0 | 255 = 255): void {
  store.set({ active: "a" });
  store.beginStroke(value)?.to(x, y, size);
  store.endStroke();
}

const at = ({ data }: Mask, x: number, y: number) => data[64 * y + x];

describe("a mask from Python", () => {
  it("that is what it was a moment ago is taken all the same", () => {
    const kernel = new Kernel();
    kernel.set("a", maskOf([1, 1]));
    const { store } = open(kernel);
    for (let i = 0; i < 2; i++) kernel.set("a", inverted(kernel.mask("a"))); // canvas.invert_mask(0), twice
    kernel.settle();
    expect(store.mask("a")).toEqual(maskOf([1, 1]));
    draw(store, 40, 40);
    kernel.settle();
    expect(kernel.mask("a")).toEqual(store.mask("a"));
    expect([at(kernel.mask("a"), 1, 1), at(kernel.mask("a"), 2, 2)]).toEqual([255, 0]);
  });

  it("that is empty, as the canvas's was before a stroke, is taken all the same", () => {
    const kernel = new Kernel();
    const { store } = open(kernel);
    draw(store, 20, 20);
    kernel.settle();
    kernel.set("a", emptyMask(64, 64));
    kernel.settle();
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
  });

  it("is taken while the kernel owes an answer", () => {
    const kernel = new Kernel();
    const { model, store, link } = open(kernel);
    link.addView();
    draw(store, 20, 20);
    vi.advanceTimersByTime(5000);
    expect(store.kernel).toBe("busy");
    kernel.settle();
    vi.advanceTimersByTime(5000);
    link.addView();
    vi.advanceTimersByTime(5000);
    kernel.set("a", emptyMask(64, 64));
    kernel.settle();
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
    expect(model.messages("mask_patch")).toHaveLength(1);
  });

  it("meets a stroke on its way: the stroke lies on top, here as there", () => {
    const kernel = new Kernel();
    const { store } = open(kernel);
    draw(store, 20, 20);
    kernel.set("a", maskOf([1, 1], [20, 21], [60, 60])); // it has not come yet
    kernel.tell(0);
    expect([at(store.mask("a"), 1, 1), at(store.mask("a"), 20, 20)]).toEqual([255, 255]);
    kernel.settle();
    expect(store.mask("a")).toEqual(kernel.mask("a"));
    expect([at(kernel.mask("a"), 60, 60), at(kernel.mask("a"), 20, 20)]).toEqual([255, 255]);
  });

  it("is not overwritten by a trait that was sent before it was heard of", () => {
    const kernel = new Kernel();
    const { store } = open(kernel);
    draw(store, 20, 20);
    kernel.hear(0); // the patch
    kernel.set("a", maskOf([1, 1]));
    kernel.settle(); // then the trait
    expect(kernel.mask("a")).toEqual(maskOf([1, 1]));
    expect(store.mask("a")).toEqual(maskOf([1, 1]));
  });

  it("beside another page's strokes while this page was away: nothing of either is lost", () => {
    const kernel = new Kernel();
    const [one, other] = [open(kernel), open(kernel)];
    draw(one.store, 8, 8);
    kernel.settle();
    one.link.setAlive(false);
    draw(one.store, 20, 20);
    draw(other.store, 50, 50);
    kernel.hear(1);
    kernel.set("b", maskOf([3, 3]));
    one.link.setAlive(true);
    kernel.settle();
    for (const mask of [kernel.mask("a"), one.store.mask("a"), other.store.mask("a")])
      expect([at(mask, 8, 8), at(mask, 20, 20), at(mask, 50, 50)]).toEqual([255, 255, 255]);
    expect(one.store.mask("b")).toEqual(maskOf([3, 3]));
    expect(kernel.mask("b")).toEqual(maskOf([3, 3]));
  });
});

/** Numbers from 0 to `below`, the same for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

describe("two pages and Python, in any order", () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))("all have the same pixels at last (%i)", (seed) => {
    const roll = dice(seed + 1);
    const kernel = new Kernel();
    const pages = [open(kernel), open(kernel)];
    for (let step = 0; step < 120; step++) {
      const page = roll(2);
      const { store } = pages[page]!;
      const region = roll(4) ? "a" : "b";
      const choice = roll(10);
      if (choice < 2) kernel.hear(page);
      else if (choice < 4) kernel.tell(page);
      else if (choice === 4) kernel.set(region, roll(3) ? maskOf([roll(64), roll(64)]) : emptyMask(64, 64));
      else if (choice === 5) store.undo();
      else if (choice === 6) vi.advanceTimersByTime(roll(2 * PATCH_MS));
      else if (store.stroke && roll(2)) store.endStroke(roll(5) > 0);
      else {
        if (!store.stroke) store.set({ active: region });
        const stroke = store.stroke ?? store.beginStroke(roll(3) ? 255 : 0);
        stroke?.to(roll(64), roll(64), 1 + roll(20));
      }
    }
    for (const { store } of pages) store.endStroke();
    vi.advanceTimersByTime(1000);
    kernel.settle();
    for (const { store } of pages)
      for (const region of ["a", "b"]) expect(store.mask(region).data).toEqual(kernel.mask(region).data);
  });
});
