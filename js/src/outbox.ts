// Edits on their way to the kernel: strokes as patches at once, everything else as traits. What could not go out
// stays here.

import type { Connection } from "./connection";
import { KnownMasks, type Version } from "./known";
import { type Box, copyMask, crop, joinBoxes, type Mask, pack, paste, unpack } from "./mask";
import type { Model } from "./model";
import { type Packed, Piece } from "./piece";
import type { Incoming } from "./protocol";
import { ALL_VALUES, newId, type Region, VALUES, type Values } from "./scene";
import type { Store } from "./store";
import type { StateKey, StoreEvents } from "./storeevents";
import type { Origin } from "./taken";
import type { Timers } from "./timers";

export const PATCH_MS = 40;
/** Between patches while the kernel does not answer: it will have to work them off. */
const SLOW_PATCH_MS = 250;
export const TYPING_MS = 200;
/** Patches on their way, and back. */
const MOST_OWN = 1000;

/** A box of a mask that has changed; `after` has its pixels if they are kept anyway. */
type Patch = Extract<StoreEvents["edited"], { patch: object }>["patch"];

/** A patch that the kernel has not told all pages yet. */
interface Sent {
  readonly region: string;
  readonly box: Box;
  readonly final: boolean;
  readonly bytes: Packed;
}

const ALL: readonly StateKey[] = ["regions", "masks", ...ALL_VALUES];

export class Outbox {
  readonly unsent = new Set<StateKey>();
  readonly boxes = new Map<string, Omit<Patch, "region">>();
  readonly packed = new Map<string, Packed>();
  /** What the trait holds of them: the host looks at every byte of those that are other objects than before. */
  private readonly views = new WeakMap<Packed, DataView>();
  /** What the kernel holds, as far as we know. */
  base: readonly Region[] = [];
  readonly known = new KnownMasks();
  /** What the kernel held when it went away, until it has worked off what we have for it; null in between. */
  away: Map<string, unknown> | null = null;
  /** The traits that change are our own doing. */
  writing = false;
  /** By their numbers, in order. Should Python set their mask before they come, they go on top of that, here as there. */
  private readonly sent = new Map<number, Sent>();
  /** Where was drawn, by region, since nobody hears of it. */
  private readonly unheard = new Map<string, Box>();
  /** Tells the edits of this page from those of others, see Traits. */
  private readonly page = newId();
  private writes = 0;
  private seq: number;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
    private readonly connection: Connection,
    private readonly timers: Timers,
  ) {
    const edits = Object.values((model.get("mask_edits") as Record<string, number> | undefined) ?? {});
    // Grows over the life of the kernel's widget, which may be longer than that of this page.
    this.seq = Math.max(Date.now(), ...edits.map((seq) => seq + 1));
  }

  /** The canvas has another size: what is on its way does not fit any more. */
  resized(): void {
    this.packed.clear();
    this.boxes.clear();
    this.sent.clear();
    this.unheard.clear();
  }

  nextSeq(): number {
    return ++this.seq;
  }

  // ------------------------------------------------------------ strokes

  patch({ region, box: changed, final, after }: Patch): void {
    this.packed.delete(region);
    const box = joinBoxes(this.boxes.get(region)?.box ?? null, changed) as Box;
    this.boxes.set(region, { box, final, ...(after && box.join() === changed.join() && { after }) });
    if (final) this.sendPatches();
    else
      this.timers.later("patches", this.connection.waiting ? SLOW_PATCH_MS : PATCH_MS, () =>
        this.sendPatches(),
      );
  }

  sendPatches(): void {
    this.timers.cancel("patches");
    for (const [region, { box, final, after }] of this.boxes) {
      const mask = this.store.masks.get(region);
      if (!mask || box[0] + box[2] > mask.width || box[1] + box[3] > mask.height) continue;
      this.send({ region, box, final, bytes: after?.packed ?? pack(crop(mask, box)) });
    }
    this.boxes.clear();
  }

  private send(patch: Sent): void {
    const { region, box, final, bytes } = patch;
    const seq = ++this.seq;
    this.known.patched(region, seq);
    if (this.answers(region)) this.connection.expectAnswer();
    if (this.connection.send({ type: "mask_patch", seq, region, box, final }, bytes.buffer)) {
      this.sent.set(seq, patch);
      const [oldest] = this.sent.keys();
      if (this.sent.size > MOST_OWN) this.sent.delete(oldest as number);
    } else {
      this.unheard.set(region, joinBoxes(this.unheard.get(region) ?? null, box) as Box);
      this.unsent.add("masks");
    }
  }

  /** The kernel does not take a patch. */
  refused(seq: number | null): void {
    if (seq !== null) this.sent.delete(seq);
  }

  /** The kernel has a patch; another page may have sent it. What the pen paints here at present stays on top. */
  relayed({ seq, region, box, bytes }: Extract<Incoming, { type: "patched" }>): void {
    if (this.sent.has(seq)) {
      for (const earlier of [...this.sent.keys()]) if (earlier <= seq) this.sent.delete(earlier); // patches stay in order
      return;
    }
    const { store } = this;
    const whole = copyMask(store.stroke?.region === region ? store.stroke.before : store.mask(region));
    const [x, y, width, height] = box;
    const piece = unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const fits = x + width <= whole.width && y + height <= whole.height;
    if (!fits || piece.width !== width || piece.height !== height) return; // of a size that is still on its way
    paste(whole, box, piece);
    store.takeMask(region, this.withOwn(region, whole));
    this.packed.delete(region);
    this.known.patched(region, seq);
  }

  /** A mask that holds edits which are not here; `blob` is its SDM1 bytes. */
  take(region: string, mask: Mask, blob: Packed, version: Version, from: Origin): void {
    const { store } = this;
    if (this.boxes.has(region)) this.sendPatches();
    const whole = this.withOwn(region, mask);
    store.takeMask(region, whole, from);
    const drawing = store.stroke?.region === region;
    if (whole === mask && !drawing) this.packed.set(region, blob);
    else this.packed.delete(region);
    const { seq } = this.known.of(region) ?? version;
    this.known.set(region, { ...version, seq: Math.max(version.seq, seq) });
    if (drawing) this.unsent.add("masks");
  }

  /**
   * A mask of the kernel's with what it has not heard of yet on top, as it will have it then. A stroke that goes on is
   * left out: it comes on top by itself, and its last patch brings all of it.
   */
  withOwn(region: string, mask: Mask): Mask {
    const { store } = this;
    const drawing = store.stroke?.region === region;
    const own = [...this.sent.values()].filter((patch) => patch.region === region);
    while (drawing && own.at(-1)?.final === false) own.pop();
    const box = this.unheard.get(region);
    if (!own.length && !box) return mask;
    const whole = copyMask(mask);
    for (const patch of own) pasteFitting(whole, patch.box, unpack(patch.bytes));
    const here = drawing && store.stroke ? store.stroke.before : store.mask(region);
    if (box && here.width === whole.width && here.height === whole.height) paste(whole, box, crop(here, box));
    return whole;
  }

  /** Whether the kernel will say anything about a patch: not while it has no model, or nothing to paint. */
  private answers(region: string): boolean {
    const painted = this.store.region(region);
    return (
      Boolean(painted?.prompt && this.store.shows(painted)) &&
      ["idle", "busy"].includes(this.store.status.state)
    );
  }

  // ------------------------------------------------------------ traits

  schedule(keys: readonly StateKey[], delay: number): void {
    if (keys.includes("size")) {
      this.resized();
      for (const id of this.store.masks.keys())
        this.known.patched(id, this.known.of(id)?.seq ?? this.nextSeq());
    }
    for (const key of keys) this.unsent.add(key);
    if (delay === 0) this.flush();
    else {
      this.timers.cancel("state");
      this.timers.later("state", delay, () => this.flush());
    }
  }

  /** Everything that waits goes out now. */
  flush(): void {
    this.timers.cancel("state");
    if (!this.connection.alive || this.unsent.size === 0) return;
    const keys = new Set(this.unsent);
    this.unsent.clear();
    try {
      this.write(keys);
    } catch {
      for (const key of keys) this.unsent.add(key);
      this.connection.gone();
    }
  }

  private write(keys: ReadonlySet<StateKey>): void {
    const { model, store } = this;
    this.writing = true;
    try {
      // Before all else: whoever hears of a change looks who has made it.
      model.set("page_edit", `${this.page} ${++this.writes}`);
      if (keys.has("size")) model.set("size", [...store.size]);
      if (keys.has("active")) model.set("active", store.active ?? "");
      if (keys.has("regions")) {
        if (!this.away) this.base = store.regions;
        model.set("regions", structuredClone(store.regions));
      }
      if (keys.has("masks")) this.writeMasks();
      for (const key of ALL_VALUES) if (keys.has(key)) model.set(key, store[key]);
      model.save_changes();
    } finally {
      this.writing = false;
    }
  }

  private writeMasks(): void {
    const { model, store } = this;
    const masks: Record<string, DataView> = {};
    const edits: Record<string, number> = {};
    const revisions: Record<string, number> = {};
    for (const { id } of store.regions) {
      const mask = store.masks.get(id);
      const version = this.known.of(id);
      // A mask of which the kernel has never heard nor told is empty, or comes from there and is still on its way.
      if (!mask || !version) continue;
      const blob = this.packed.get(id) ?? pack(mask);
      this.packed.set(id, blob);
      const view = this.views.get(blob) ?? new DataView(blob.slice().buffer);
      this.views.set(blob, view);
      masks[id] = view;
      edits[id] = version.seq;
      revisions[id] = version.revision;
    }
    model.set("masks", masks);
    model.set("mask_edits", edits);
    model.set("mask_revisions", revisions);
  }

  // ------------------------------------------------------------ after a kernel that was away

  /** The kernel lacks everything. */
  keepAll(): void {
    for (const { region, box } of this.sent.values())
      this.unheard.set(region, joinBoxes(this.unheard.get(region) ?? null, box) as Box);
    this.sent.clear();
    for (const key of ALL) this.unsent.add(key);
    this.away ??= new Map(VALUES.map((key) => [key, this.model.get(key)]));
  }

  /** The kernel has worked off what it got when it was back. */
  agreed(): void {
    this.away = null;
    if (!this.unsent.has("regions")) this.base = this.store.regions;
  }

  /**
   * Whether a value from Python says nothing new: ours has not gone out yet, or it is what the kernel had when it went
   * away. A host that is connected again tells the kernel's state from before what we send then.
   */
  isOlder(key: keyof Values, value: unknown): boolean {
    return this.unsent.has(key) || (this.away?.get(key) === value && this.away?.has(key) === true);
  }

  /** The kernel hears of what was drawn meanwhile, and of nothing else, since others may have drawn there too. */
  resend(): void {
    const { store } = this;
    const boxes = [...this.unheard];
    this.unheard.clear();
    for (const [region, box] of boxes) {
      const piece = new Piece(store.mask(region), box);
      this.send({ region, box, final: store.stroke?.region !== region, bytes: piece.packed });
    }
  }
}

function pasteFitting(mask: Mask, box: Box, piece: Mask): void {
  if (box[0] + box[2] <= mask.width && box[1] + box[3] <= mask.height) paste(mask, box, piece);
}
