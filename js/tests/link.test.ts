import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_MS, Link, PATCH_MS, TYPING_MS } from "../src/link";
import { crop, emptyMask, paste, unpack } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import { Store } from "../src/store";
import { asTrait, FakeModel, maskOf } from "./model";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(values: Record<string, unknown> = {}) {
  const model = new FakeModel(values);
  const store = new Store();
  return { model, store, link: new Link(model, store) };
}

function openWithRegion(values: Record<string, unknown> = {}) {
  return open({ regions: [newRegion({ id: "a", prompt: "house" })], ...values });
}

const bits = (view: DataView) => unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));

/** What the kernel has after all patches, in order. */
function patched(model: FakeModel, region: string) {
  const mask = emptyMask(64, 64);
  for (const { message, buffers } of model.sent) {
    if (message.type !== "mask_patch" || message.region !== region) continue;
    paste(mask, message.box as [number, number, number, number], unpack(new Uint8Array(buffers[0]!)));
  }
  return mask;
}

describe("undo from Python", () => {
  it("takes back the last edit and makes it again, as the buttons do", () => {
    const { model, store } = openWithRegion();
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const painted = store.mask("a");
    model.tell({ type: "undo" });
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
    expect(patched(model, "a")).toEqual(emptyMask(64, 64));
    model.tell({ type: "undo" }); // nothing is left
    expect(store.history.undoLabel).toBeNull();
    model.tell({ type: "redo" });
    expect(store.mask("a")).toEqual(painted);
    expect(patched(model, "a")).toEqual(painted);
  });

  it("leaves a stroke alone that is under way", () => {
    const { model, store } = openWithRegion();
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const covered = () => store.mask("a").data.filter(Boolean).length;
    const one = covered();
    store.beginStroke(255)?.to(40, 40, 4);
    model.tell({ type: "undo" });
    store.endStroke();
    expect(covered()).toBe(2 * one);
  });
});

describe("a stroke on its way to the kernel", () => {
  it("goes out as patches about every 40 ms, whatever the number of events", () => {
    const { model, store } = openWithRegion();
    const stroke = store.beginStroke(255);
    for (let i = 0; i < 40; i++) {
      stroke?.to(8 + i, 30, 6);
      vi.advanceTimersByTime(5);
    }
    expect(model.messages("mask_patch").length).toBeLessThanOrEqual(200 / PATCH_MS);
    expect(model.messages("mask_patch").every((message) => message.final === false)).toBe(true);
    expect(model.saved).toHaveLength(0);
    store.endStroke();
    expect(model.messages("mask_patch").at(-1)?.final).toBe(true);
    expect(patched(model, "a")).toEqual(store.mask("a"));
  });

  it("has growing numbers, and boxes that hold just what changed", () => {
    const { model, store } = openWithRegion({ mask_edits: { a: 9e15 } });
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    store.beginStroke(255)?.to(50, 50, 4);
    store.endStroke();
    const [first, second] = model.messages("mask_patch");
    expect(first!.seq).toBeGreaterThan(9e15);
    expect(second!.seq).toBeGreaterThan(first!.seq as number);
    expect(second!.box).toEqual([48, 48, 4, 4]);
  });

  it("ends in the traits, with the number of the last patch", () => {
    const { model, store } = openWithRegion();
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const saved = model.saved.at(-1) as {
      masks: Record<string, DataView>;
      mask_edits: Record<string, number>;
    };
    expect(bits(saved.masks.a!)).toEqual(store.mask("a"));
    expect(saved.masks.a!.buffer.byteLength).toBe(saved.masks.a!.byteLength);
    expect(saved.mask_edits.a).toBe(model.messages("mask_patch").at(-1)?.seq);
  });

  it("brings the region that it made", () => {
    const { model, store } = open();
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const [region] = model.writes<Region[]>("regions").at(-1)!;
    expect(model.messages("mask_patch").at(-1)?.region).toBe(region!.id);
  });

  it("undo and redo are one patch each", () => {
    const { model, store } = openWithRegion();
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const drawn = crop(store.mask("a"), [0, 0, 64, 64]);
    store.undo();
    expect(patched(model, "a")).toEqual(emptyMask(64, 64));
    store.redo();
    expect(patched(model, "a")).toEqual(drawn);
    expect(model.messages("mask_patch")).toHaveLength(3);
    expect(model.messages("mask_patch").every((message) => message.final)).toBe(true);
  });
});

describe("state on its way to the kernel", () => {
  it("typing waits until the hand rests", () => {
    const { model, store } = openWithRegion();
    for (const prompt of ["t", "tr", "tree"]) {
      store.updateRegion("a", { prompt }, true);
      vi.advanceTimersByTime(TYPING_MS - 50);
    }
    expect(model.saved).toHaveLength(0);
    vi.advanceTimersByTime(50);
    expect(model.writes<Region[]>("regions").map((list) => list[0]?.prompt)).toEqual(["tree"]);
  });

  it("the rest goes at once, and takes the typing along", () => {
    const { model, store } = openWithRegion();
    store.updateRegion("a", { prompt: "tree" }, true);
    store.setValues({ seed: 7 });
    expect(model.saved).toMatchObject([{ regions: [{ ...store.regions[0] }], seed: 7 }]);
  });
});

describe("state from Python", () => {
  it("is there from the start, masks out of larger buffers too", () => {
    const mask = maskOf([3, 4], [5, 6]);
    const { store } = openWithRegion({ masks: { a: asTrait(mask) }, background: "sky", seed: 5 });
    expect(store.mask("a")).toEqual(mask);
    expect([store.background, store.seed, store.regions[0]?.prompt]).toEqual(["sky", 5, "house"]);
  });

  it("shows at once, and is not sent back", () => {
    const { model, store } = openWithRegion();
    model.python({
      regions: [newRegion({ id: "a", prompt: "tree" }), newRegion({ id: "b", prompt: "sun" })],
    });
    model.python({ masks: { b: asTrait(maskOf([1, 1])) }, background: "sea", seed: 3 });
    vi.advanceTimersByTime(1000);
    expect(store.regions.map((region) => region.prompt)).toEqual(["tree", "sun"]);
    expect(store.mask("b")).toEqual(maskOf([1, 1]));
    expect([store.background, store.seed]).toEqual(["sea", 3]);
    expect(model.saved).toHaveLength(0);
  });

  it("meets what is being typed field by field", () => {
    const { model, store } = openWithRegion();
    store.updateRegion("a", { prompt: "red house" }, true);
    model.python({ regions: [newRegion({ id: "a", prompt: "house", seed: 8 })] });
    expect(store.region("a")).toMatchObject({ prompt: "red house", seed: 8 });
    vi.advanceTimersByTime(TYPING_MS);
    expect(model.writes<Region[]>("regions").at(-1)?.[0]).toMatchObject({ prompt: "red house", seed: 8 });
  });

  it("never takes a stroke in progress away", () => {
    const { model, store } = openWithRegion();
    const stroke = store.beginStroke(255);
    stroke?.to(30, 30, 4);
    model.python({ masks: { a: asTrait(maskOf([2, 2])) } });
    stroke?.to(34, 30, 4);
    store.endStroke();
    const { data } = store.mask("a");
    expect([data[2 * 64 + 2], data[30 * 64 + 30], data[30 * 64 + 34]]).toEqual([255, 255, 255]);
    expect(bits(model.writes<Record<string, DataView>>("masks").at(-1)!.a!)).toEqual(store.mask("a"));
    store.undo();
    expect(store.mask("a")).toEqual(maskOf([2, 2]));
  });

  it("does not take back a stroke that it has not heard of yet", () => {
    const { model, store } = openWithRegion({ masks: { a: asTrait(maskOf([2, 2])) } });
    store.beginStroke(255)?.to(30, 30, 4);
    store.endStroke();
    const drawn = crop(store.mask("a"), [0, 0, 64, 64]);
    // Sent before our stroke arrived: another region is new, this mask is the old one.
    const masks = { a: asTrait(maskOf([2, 2])), b: asTrait(maskOf([1, 1])) };
    model.python({ masks, mask_revisions: { b: 1 } });
    expect(store.mask("a")).toEqual(drawn);
    expect(store.mask("b")).toEqual(maskOf([1, 1]));
  });

  it("a new size brings new masks, and is one step of undo", () => {
    const { model, store } = openWithRegion();
    store.beginStroke(255)?.to(30, 30, 4);
    store.endStroke();
    const drawn = crop(store.mask("a"), [0, 0, 64, 64]);
    const mask = { width: 32, height: 16, data: new Uint8Array(32 * 16).fill(255) };
    model.python({ size: [32, 16], masks: { a: asTrait(mask) } });
    expect(store.mask("a")).toEqual(mask);
    store.undo();
    expect([store.size, store.mask("a")]).toEqual([[64, 64], drawn]);
    expect(model.saved.at(-1)).toMatchObject({ size: [64, 64], mask_revisions: { a: 1 } });
    expect(bits(model.writes<Record<string, DataView>>("masks").at(-1)!.a!)).toEqual(drawn);
    store.redo();
    expect([store.size, store.mask("a")]).toEqual([[32, 16], mask]);
    store.undo();
    store.undo();
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
  });

  it("a damaged mask changes nothing", () => {
    const { model, store } = openWithRegion({ masks: { a: asTrait(maskOf([2, 2])) } });
    model.python({ masks: { a: new DataView(new ArrayBuffer(12)) } });
    expect(store.mask("a")).toEqual(maskOf([2, 2]));
  });
});

describe("two pages with one canvas", () => {
  /** What one page has sent since, told to both as the kernel does. */
  function relay(from: FakeModel, ...to: FakeModel[]): void {
    for (const { message, buffers } of from.sent.splice(0)) {
      if (message.type !== "mask_patch") continue;
      const { final: _, ...told } = message;
      for (const model of to) model.tell({ ...told, type: "patched" }, new DataView(buffers[0]!));
    }
  }

  function two() {
    const [one, other] = [openWithRegion(), openWithRegion()];
    vi.setSystemTime(Date.now() + 60_000); // the other one is opened later, and counts from there
    return [one, other] as const;
  }

  it("each has the strokes of the other, and sends none of them away", () => {
    const [one, other] = two();
    one.store.beginStroke(255)?.to(20, 20, 6);
    one.store.endStroke();
    relay(one.model, one.model, other.model);
    expect(other.store.mask("a")).toEqual(one.store.mask("a"));
    expect(other.model.sent).toEqual([]); // it is no edit of this page
    other.store.beginStroke(255)?.to(44, 44, 6);
    other.store.endStroke();
    const written = other.model.saved.at(-1) as Record<string, Record<string, DataView>>;
    expect(bits(written.masks!.a!)).toEqual(other.store.mask("a"));
    relay(other.model, one.model, other.model);
    expect(one.store.mask("a")).toEqual(other.store.mask("a"));
    expect([one.store.mask("a").data[20 * 64 + 20], one.store.mask("a").data[44 * 64 + 44]]).toEqual([
      255, 255,
    ]);
  });

  it("one's own patch that comes back takes nothing away that was drawn since", () => {
    const [{ model, store }] = two();
    store.beginStroke(255)?.to(20, 20, 6);
    store.endStroke();
    const told = model.sent.splice(0);
    store.beginStroke(0)?.to(20, 20, 6);
    store.endStroke();
    model.sent.unshift(...told);
    relay(model, model);
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
  });

  it("a stroke that goes on stays on top, and undo takes back no more than that", () => {
    const [one, other] = two();
    const stroke = other.store.beginStroke(255);
    stroke?.to(30, 30, 4);
    one.store.beginStroke(255)?.to(30, 34, 8);
    one.store.endStroke();
    relay(one.model, other.model);
    stroke?.to(34, 30, 4);
    other.store.endStroke();
    const { data } = other.store.mask("a");
    expect([data[30 * 64 + 30], data[30 * 64 + 34], data[36 * 64 + 30]]).toEqual([255, 255, 255]);
    other.store.undo();
    expect(other.store.mask("a")).toEqual(one.store.mask("a"));
  });

  it("a patch of another size than the canvas has changes nothing", () => {
    const [{ model, store }] = two();
    const bytes = asTrait(maskOf([1, 1]));
    model.tell({ type: "patched", seq: 1, region: "a", box: [8, 8, 64, 64] }, bytes);
    model.tell({ type: "patched", seq: 2, region: "a", box: [0, 0, 32, 32] }, bytes);
    expect(store.mask("a")).toEqual(emptyMask(64, 64));
    model.tell({ type: "patched", seq: 3, region: "a", box: [0, 0, 64, 64] }, bytes);
    expect(store.mask("a")).toEqual(maskOf([1, 1]));
  });
});

describe("frames", () => {
  it("a coarser one never replaces a finer one of the same scene", () => {
    const { model, store } = open();
    const shown: string[] = [];
    store.on("frame", (frame) => frame && shown.push(`${frame.revision}.${frame.step} ${frame.kind}`));
    model.frame(1, 1, "preview", 2);
    model.frame(2, 1, "preview", 1);
    model.frame(3, 1, "settled", 4);
    model.frame(4, 1, "preview", 3);
    model.frame(5, 2, "preview", 1);
    model.frame(6, 1, "settled", 4);
    expect(shown).toEqual(["1.2 preview", "1.4 settled", "2.1 preview"]);
  });

  it("are confirmed once, however many views there are; those not shown at once", () => {
    const { model, store, link } = open();
    link.addView();
    link.addView();
    model.frame(1, 1, "settled", 4);
    expect(model.messages("painted")).toHaveLength(0);
    link.painted(store.frame!);
    link.painted(store.frame!);
    model.frame(2, 1, "preview", 1);
    expect(model.messages("painted").map((message) => message.seq)).toEqual([1, 2]);
    const [first] = model.messages("painted");
    expect(first!.painted).toBeGreaterThanOrEqual(first!.received as number);
  });

  it("the last settled picture of the trait shows until a message comes", () => {
    const { model, store } = open({ frame: new DataView(new Uint8Array([1, 2]).buffer) });
    expect(store.frame).toMatchObject({ kind: "settled", seq: null });
    model.frame(1, 1, "preview", 1);
    expect(store.frame).toMatchObject({ kind: "preview", seq: 1 });
  });

  it("the picture goes when a paused canvas gets a drawing without one, and not while it will be painted", () => {
    const { model, store } = open();
    const shown: (number | undefined)[] = [];
    store.on("frame", (frame) => shown.push(frame?.revision));
    model.frame(1, 1, "settled", 4);
    model.python({ frame: new DataView(new ArrayBuffer(0)) });
    expect(store.frame?.revision).toBe(1);
    model.python({ paused: true });
    model.python({ frame: new DataView(new Uint8Array([1]).buffer) });
    expect(store.frame?.revision).toBe(1); // it has come as a message
    model.python({ frame: new DataView(new ArrayBuffer(0)) });
    expect(store.frame).toBeNull();
    model.frame(2, 2, "settled", 4);
    expect(shown).toEqual([1, undefined, 2]);
  });

  it("a message that makes no sense changes nothing", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { model, store } = open();
    model.tell({ type: "frame", seq: "x" });
    model.tell({ type: "nonsense" });
    expect(store.frame).toBeNull();
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe("a kernel that does not answer", () => {
  it("is shown as busy after a while, until it says something", () => {
    const { model, store, link } = openWithRegion();
    link.addView();
    vi.advanceTimersByTime(ANSWER_MS);
    expect(store.kernel).toBe("busy");
    model.tell({ type: "status", state: "idle" });
    expect(store.kernel).toBe("ok");
  });

  it("is not shown as busy where the host knows that it is not", () => {
    const { store, link } = openWithRegion();
    link.setKernelBusy(false);
    link.addView();
    vi.advanceTimersByTime(ANSWER_MS);
    expect(store.kernel).toBe("ok");
  });

  it("gone: drawing is kept, and sent in full when it is back", () => {
    const { model, store, link } = openWithRegion();
    link.addView();
    link.setAlive(false);
    const before = model.sent.length;
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    store.addRegion({ prompt: "tree" });
    store.beginStroke(255)?.to(40, 40, 8);
    store.endStroke();
    expect([store.kernel, model.sent.length, model.saved.length]).toEqual(["gone", before, 0]);

    link.setAlive(true);
    expect(store.kernel).toBe("ok");
    expect(model.messages("ready")).toHaveLength(2);
    const saved = model.saved.at(-1) as Record<string, unknown>;
    expect((saved.regions as Region[]).map((region) => region.prompt)).toEqual(["house", "tree"]);
    for (const { id } of store.regions) {
      expect(bits((saved.masks as Record<string, DataView>)[id]!)).toEqual(store.mask(id));
      expect((saved.mask_edits as Record<string, number>)[id]).toBeGreaterThan(0);
    }
  });

  it("a send that fails is a kernel that is gone; any message means that it is back", () => {
    const { model, store } = openWithRegion();
    model.dead = true;
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    expect(store.kernel).toBe("gone");
    model.dead = false;
    model.tell({ type: "status", state: "idle" });
    expect(store.kernel).toBe("ok");
    expect(bits(model.writes<Record<string, DataView>>("masks").at(-1)!.a!)).toEqual(store.mask("a"));
  });

  it("what was drawn meanwhile lies on top of a mask from Python", () => {
    const { model, store, link } = openWithRegion({ masks: { a: asTrait(maskOf([2, 2])) } });
    link.setAlive(false);
    store.beginStroke(255)?.to(20, 20, 4);
    store.endStroke();
    const drawn = crop(store.mask("a"), [0, 0, 64, 64]);
    const masks = { a: asTrait(maskOf([2, 2])) };
    model.python({ masks, mask_revisions: {} }); // what the kernel had when it went away
    expect(store.mask("a")).toEqual(drawn);
    link.setAlive(false);
    store.undo();
    store.redo();
    model.python({ masks: { a: asTrait(maskOf([3, 3])) } });
    expect([store.mask("a").data[3 * 64 + 3], store.mask("a").data[20 * 64 + 20]]).toEqual([255, 255]);
    expect(bits(model.writes<Record<string, DataView>>("masks").at(-1)!.a!)).toEqual(store.mask("a"));
  });
});

describe("errors", () => {
  it("stand until the kernel is well again", () => {
    const { model, store } = open();
    model.tell({ type: "error", code: "model_not_found", message: "m", hint: "h", action: "retry" });
    model.tell({ type: "status", state: "error" });
    expect(store.failure?.code).toBe("model_not_found");
    store.ask("retry");
    expect(model.messages("retry")).toHaveLength(1);
    model.tell({ type: "error", code: "model_not_found", message: "m", hint: "h", action: "retry" });
    model.tell({ type: "status", state: "idle" });
    expect(store.failure).toBeNull();
  });

  it("that nothing can mend stand until they are dismissed", () => {
    const { model, store } = open();
    model.tell({ type: "error", code: "bad_patch", message: "m", hint: "h", action: "" });
    model.tell({ type: "status", state: "busy" });
    expect(store.failure?.code).toBe("bad_patch");
  });
});

describe("ends", () => {
  it("the last view tells that nobody looks; nothing listens any more after dispose", () => {
    const { model, link } = open();
    const [first, second] = [link.addView(), link.addView()];
    first();
    expect(model.messages("visible")).toHaveLength(0);
    second();
    expect(model.messages("visible")).toEqual([{ type: "visible", visible: false }]);
    link.dispose();
    expect(model.listening).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
