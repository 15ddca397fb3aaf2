// Between the store and the widget's model: edits go out, traits and messages come in. Everything goes out
// again after the kernel was away, so that nothing drawn is lost.

import { Files } from "./files";
import { type Frame, frameOfTrait, now } from "./frames";
import { KnownMasks } from "./known";
import { type Box, crop, emptyMask, joinBoxes, type Mask, pack, unpack } from "./mask";
import {
  type Outgoing,
  parse,
  readFacts,
  readNotices,
  readStats,
  readStatus,
  readVocabulary,
} from "./protocol";
import { mergeRegions, type Region, readRegions, sameRegions, VALUES } from "./scene";
import type { Kernel, StateKey, Store } from "./store";

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(name: string, listener: (...args: never[]) => void): void;
  off(name: string, listener?: (...args: never[]) => void): void;
}

export const PATCH_MS = 40;
/** Between patches while the kernel does not answer: it will have to work them off. */
const SLOW_PATCH_MS = 250;
export const TYPING_MS = 200;
/** A kernel that takes longer to say anything counts as busy. */
export const ANSWER_MS = 1000;

const ALL: readonly StateKey[] = ["regions", "masks", ...VALUES];
const TOLD = [
  "size",
  "layouts",
  "status",
  "stats",
  "notices",
  "vocabulary",
  "palette",
  "model_facts",
] as const;
const TRAITS = ["regions", "masks", ...VALUES, ...TOLD] as const;

export class Link {
  private readonly endings: (() => void)[] = [];
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  private readonly unsent = new Set<StateKey>();
  private readonly boxes = new Map<string, { box: Box; final: boolean }>();
  private readonly packed = new Map<string, Uint8Array<ArrayBuffer>>();
  /** What the kernel holds, as far as we know. */
  private base: readonly Region[] = [];
  private readonly known = new KnownMasks();
  private readonly files: Files;
  private readonly edits: Record<string, number>;
  private seq: number;

  /** How many scenes Python has laid out, as far as we know. */
  private layouts: unknown;
  private writing = false;
  private waiting = false;
  private frameMessages = 0;
  private confirmed = -1;
  private readonly views = new Set<number>();
  private lastView = 0;
  private alive = true;
  /** Whether it runs a cell; null where nobody tells. */
  private kernelBusy: boolean | null = null;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
  ) {
    this.edits = { ...(model.get("mask_edits") as Record<string, number> | undefined) };
    // Grows over the life of the kernel's widget, which may be longer than that of this page.
    this.seq = Math.max(Date.now(), ...Object.values(this.edits).map((seq) => seq + 1));
    this.layouts = model.get("layouts");
    this.files = new Files(
      store,
      (message, buffer) => {
        this.expectAnswer();
        return this.send(message, buffer);
      },
      () => ++this.seq,
    );
    this.readAll();
    this.listen();
  }

  dispose(): void {
    for (const end of this.endings) end();
    this.files.dispose();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  // ------------------------------------------------------------ views

  /** A view is there; gives back what to call when it goes. */
  addView(): () => void {
    const view = ++this.lastView;
    this.views.add(view);
    this.expectAnswer();
    this.send({ type: "ready", view });
    return () => {
      this.views.delete(view);
      if (this.views.size === 0) this.send({ type: "visible", visible: false });
    };
  }

  setVisible(visible: boolean): void {
    if (this.views.size > 0) this.send({ type: "visible", visible });
  }

  /** A view shows the frame. */
  painted(frame: Frame): void {
    if (frame.seq === null || frame.seq <= this.confirmed) return;
    this.confirmed = frame.seq;
    this.send({ type: "painted", seq: frame.seq, received: frame.received, painted: now() });
  }

  /** The host says whether there is a kernel with this widget in it. */
  setAlive(alive: boolean): void {
    if (alive === this.alive) return;
    if (alive) this.back();
    else this.gone();
  }

  /** The host says whether the kernel runs a cell. */
  setKernelBusy(busy: boolean | null): void {
    this.kernelBusy = busy;
    this.showKernel();
  }

  // ------------------------------------------------------------ out

  private listen(): void {
    const { model, store } = this;
    this.endings.push(
      store.on("edited", (edit) => {
        if ("patch" in edit) this.patch(edit.patch.region, edit.patch.box, edit.patch.final);
        else this.schedule(edit.state, edit.typing ? TYPING_MS : 0);
      }),
      store.on("asked", (asked) => {
        if (typeof asked !== "string") this.sendPatches(); // a file holds the stroke that goes on, too
        this.flush();
        if (typeof asked === "string") {
          this.expectAnswer();
          this.send({ type: asked });
        } else if ("save" in asked) this.files.save(asked.save);
        else void this.files.open(asked.open);
      }),
    );
    const listen = (name: string, listener: (...args: never[]) => void) => {
      model.on(name, listener);
      this.endings.push(() => model.off(name, listener));
    };
    for (const trait of TRAITS) listen(`change:${trait}`, () => this.traitChanged(trait));
    listen("change:frame", () => this.frameMessages === 0 && this.readFrame());
    listen("msg:custom", (content: unknown, buffers?: readonly unknown[]) => this.receive(content, buffers));
    listen("comm:close", () => this.setAlive(false));
  }

  private patch(region: string, box: Box, final: boolean): void {
    this.packed.delete(region);
    const open = this.boxes.get(region);
    this.boxes.set(region, { box: joinBoxes(open?.box ?? null, box) as Box, final });
    if (final) this.sendPatches();
    else this.later("patches", this.waiting ? SLOW_PATCH_MS : PATCH_MS, () => this.sendPatches());
  }

  private sendPatches(): void {
    this.cancel("patches");
    for (const [region, { box, final }] of this.boxes) {
      const mask = this.store.masks.get(region);
      if (!mask || box[0] + box[2] > mask.width || box[1] + box[3] > mask.height) continue;
      const seq = ++this.seq;
      this.edits[region] = seq;
      if (this.answers(region)) this.expectAnswer();
      const sent = this.send({ type: "mask_patch", seq, region, box, final }, pack(crop(mask, box)).buffer);
      if (!sent) this.unsent.add("masks");
    }
    this.boxes.clear();
  }

  private schedule(keys: readonly StateKey[], delay: number): void {
    for (const key of keys) this.unsent.add(key);
    if (delay === 0) this.flush();
    else {
      this.cancel("state");
      this.later("state", delay, () => this.flush());
    }
  }

  /** Everything that waits goes out now. */
  flush(): void {
    this.cancel("state");
    if (!this.alive || this.unsent.size === 0) return;
    const keys = new Set(this.unsent);
    this.unsent.clear();
    try {
      this.write(keys);
    } catch {
      for (const key of keys) this.unsent.add(key);
      this.gone();
    }
  }

  private write(keys: ReadonlySet<StateKey>): void {
    const { model, store } = this;
    this.writing = true;
    try {
      if (keys.has("regions")) {
        this.base = store.regions;
        model.set("regions", structuredClone(store.regions));
      }
      if (keys.has("masks")) this.writeMasks();
      for (const key of VALUES) if (keys.has(key)) model.set(key, store[key]);
      model.save_changes();
    } finally {
      this.writing = false;
    }
  }

  private writeMasks(): void {
    const { model, store } = this;
    const masks: Record<string, DataView> = {};
    const edits: Record<string, number> = {};
    for (const { id } of store.regions) {
      const mask = store.masks.get(id);
      if (!mask) continue;
      const blob = this.packed.get(id) ?? pack(mask);
      this.packed.set(id, blob);
      this.known.set(id, blob);
      masks[id] = new DataView(blob.slice().buffer);
      edits[id] = this.edits[id] ?? 0;
    }
    model.set("masks", masks);
    model.set("mask_edits", edits);
  }

  private send(message: Outgoing, buffer?: ArrayBuffer): boolean {
    if (!this.alive) return false;
    try {
      this.model.send(message, undefined, buffer ? [buffer] : []);
      return true;
    } catch {
      this.gone();
      return false;
    }
  }

  // ------------------------------------------------------------ in

  private readAll(): void {
    this.store.takeValues({ size: this.readSize() });
    for (const trait of TRAITS) this.traitChanged(trait);
    this.readFrame();
  }

  private readSize(): readonly [number, number] {
    const size = this.model.get("size");
    const fits = Array.isArray(size) && size.length === 2 && size.every((side) => side >= 8);
    return fits ? [size[0], size[1]] : [256, 256];
  }

  private traitChanged(trait: (typeof TRAITS)[number]): void {
    if (this.writing) return;
    this.takeLayout();
    const { store, model } = this;
    const value = model.get(trait);
    switch (trait) {
      case "layouts":
        break;
      case "regions":
        this.regionsChanged(readRegions(value));
        break;
      case "masks":
        this.masksChanged(value);
        break;
      case "size":
        store.takeValues({ size: this.readSize() });
        this.known.clear();
        this.packed.clear();
        this.boxes.clear();
        this.masksChanged(model.get("masks"));
        break;
      case "status":
        attempt(() => store.takeStatus({ status: readStatus(value) }));
        break;
      case "stats":
        store.takeStatus({ stats: readStats(value) });
        break;
      case "notices":
        store.takeStatus({ notices: readNotices(value) });
        break;
      case "vocabulary":
        store.takeStatus({ vocabulary: readVocabulary(value) });
        break;
      case "palette":
        store.takeStatus({ tiles: picture(value) });
        break;
      case "model_facts":
        store.takeStatus({ facts: readFacts(value) });
        break;
      default:
        if (!this.unsent.has(trait) && value !== undefined) store.takeValues({ [trait]: value });
    }
    this.setAlive(true); // nobody else sets traits
  }

  /**
   * Python has laid out a whole scene, for which several traits change in one message: all of them have their new
   * values when the first one is told. What we have not sent yet belongs to the scene before.
   */
  private takeLayout(): void {
    const { model, store } = this;
    const layouts = model.get("layouts");
    if (layouts === this.layouts) return;
    this.layouts = layouts;
    this.boxes.clear();
    for (const key of ["regions", "masks", "background"] as const) this.unsent.delete(key);
    const masks = (model.get("masks") ?? {}) as Record<string, unknown>;
    this.base = readRegions(model.get("regions"));
    const regions = this.base.map((region) => {
      const blob = bytesOf(masks[region.id]);
      if (blob) this.known.set(region.id, blob);
      this.packed.delete(region.id);
      return { region, mask: (blob && this.readMask(blob)) ?? emptyMask(...store.size) };
    });
    store.takeScene(store.filing === "opening" ? "open" : "surprise", {
      background: String(model.get("background") ?? ""),
      regions,
    });
  }

  /** null if it is none, or one of another size: that belongs to a canvas size that is still on its way. */
  private readMask(blob: Uint8Array): Mask | null {
    const mask = attempt(() => unpack(blob));
    const [width, height] = this.store.size;
    return mask?.width === width && mask.height === height ? mask : null;
  }

  private regionsChanged(theirs: readonly Region[]): void {
    const merged = mergeRegions(this.base, this.store.regions, theirs);
    this.base = theirs;
    if (!sameRegions(merged, this.store.regions)) this.store.takeRegions(merged);
    if (!sameRegions(merged, theirs)) this.schedule(["regions"], TYPING_MS);
  }

  private masksChanged(value: unknown): void {
    for (const [region, view] of Object.entries(value ?? {})) {
      const blob = bytesOf(view);
      if (!blob || this.isOld(region, blob)) continue;
      const mask = this.readMask(blob);
      if (!mask) continue;
      const drawing = this.store.stroke?.region === region;
      this.store.takeMask(region, mask);
      this.packed.delete(region);
      this.known.set(region, blob);
      if (drawing) this.unsent.add("masks");
    }
  }

  /** Our own strokes come first: those on their way, and all that were drawn while the kernel was away. */
  private isOld(region: string, blob: Uint8Array): boolean {
    const unsent = !this.alive || this.boxes.has(region);
    return (unsent && this.known.has(region)) || this.known.isOld(region, blob, this.waiting);
  }

  private readFrame(): void {
    const view = this.model.get("frame");
    if (!(view instanceof DataView)) return;
    const frame = frameOfTrait(view, this.store.size);
    if (frame) this.store.takeFrame(frame);
  }

  private receive(content: unknown, buffers?: readonly unknown[]): void {
    this.answered();
    let message: ReturnType<typeof parse>;
    try {
      message = parse(content, buffers ?? []);
    } catch (error) {
      console.warn("semanticdraw_widget: a message from the kernel is not understood:", error);
      return;
    }
    if (message.type === "status") this.store.takeStatus({ status: message.status });
    else if (message.type === "file") this.files.saved(message.seq, message.bytes);
    else if (message.type === "opened") this.files.opened(message.seq, message.notices);
    else if (message.type === "error") {
      const ours = this.files.refused(message.seq);
      // Every page with this canvas hears it, and a refused file's further pieces are refused again.
      if (ours || message.failure.code !== "file") this.store.setFailure(message.failure);
    } else {
      this.frameMessages++;
      const { seq, revision, kind, step, steps, size, mime, stats } = message.frame;
      const blob = new Blob([message.bytes as DataView<ArrayBuffer>], { type: mime });
      const frame: Frame = { seq, revision, kind, step, steps, size, blob, received: now() };
      this.store.takeStatus({ stats });
      // A frame that nobody shows would keep its place in the kernel's queue.
      if (!this.store.takeFrame(frame) || this.views.size === 0) this.painted(frame);
    }
  }

  // ------------------------------------------------------------ is anybody there?

  private expectAnswer(): void {
    if (!this.alive) return;
    this.later("answer", ANSWER_MS, () => {
      this.waiting = true;
      this.showKernel();
    });
  }

  /** Whether the kernel will say anything about a patch: not while it has no model, or nothing to paint. */
  private answers(region: string): boolean {
    const painted = this.store.region(region);
    return (
      Boolean(painted?.prompt && this.store.shows(painted)) &&
      ["idle", "busy"].includes(this.store.status.state)
    );
  }

  private answered(): void {
    this.cancel("answer");
    this.waiting = false;
    this.setAlive(true);
    this.showKernel();
  }

  private gone(): void {
    this.alive = false;
    this.cancel("answer");
    this.waiting = false;
    for (const key of ALL) this.unsent.add(key);
    this.showKernel();
    this.files.gone();
  }

  /** The kernel is there again: it gets everything. */
  private back(): void {
    this.alive = true;
    for (const { id } of this.store.regions) if (this.store.masks.has(id)) this.edits[id] = ++this.seq;
    for (const view of this.views) this.send({ type: "ready", view });
    this.flush();
    this.showKernel();
  }

  private showKernel(): void {
    const busy = this.waiting && this.kernelBusy !== false;
    const kernel: Kernel = this.alive ? (busy ? "busy" : "ok") : "gone";
    if (kernel !== this.store.kernel) this.store.takeStatus({ kernel });
  }

  // ------------------------------------------------------------ timers by name; one that runs is not restarted

  private later(name: string, delay: number, run: () => void): void {
    if (this.timers.has(name)) return;
    const timer = setTimeout(() => {
      this.timers.delete(name);
      run();
    }, delay);
    this.timers.set(name, timer);
  }

  private cancel(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

/** A copy of what a binary trait holds; null if it holds something else. */
function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (!ArrayBuffer.isView(value)) return null;
  return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).slice();
}

/** A PNG file of a trait; null for none. */
function picture(value: unknown): Blob | null {
  const bytes = bytesOf(value);
  return bytes?.length ? new Blob([bytes], { type: "image/png" }) : null;
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
