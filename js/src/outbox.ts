// Edits on their way to the kernel: strokes as patches at once, everything else as traits. What could not go out
// stays here.

import type { Connection } from "./connection";
import { KnownMasks } from "./known";
import { type Box, copyMask, crop, joinBoxes, pack, paste, unpack } from "./mask";
import type { Model } from "./model";
import type { Packed } from "./piece";
import type { Incoming } from "./protocol";
import { ALL_VALUES, type Region, VALUES, type Values } from "./scene";
import type { Store } from "./store";
import type { StateKey, StoreEvents } from "./storeevents";
import type { Timers } from "./timers";

export const PATCH_MS = 40;
/** Between patches while the kernel does not answer: it will have to work them off. */
const SLOW_PATCH_MS = 250;
export const TYPING_MS = 200;
/** Patches on their way, and back. */
const MOST_OWN = 1000;

/** A box of a mask that has changed; `after` has its pixels if they are kept anyway. */
type Patch = Extract<StoreEvents["edited"], { patch: object }>["patch"];

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
  /** Numbers of our patches that the kernel has not told all pages yet. */
  private readonly own = new Set<number>();
  private readonly edits: Record<string, number>;
  private seq: number;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
    private readonly connection: Connection,
    private readonly timers: Timers,
  ) {
    this.edits = { ...(model.get("mask_edits") as Record<string, number> | undefined) };
    // Grows over the life of the kernel's widget, which may be longer than that of this page.
    this.seq = Math.max(Date.now(), ...Object.values(this.edits).map((seq) => seq + 1));
  }

  /** The canvas has another size: whatever is known of masks is over. */
  resized(): void {
    this.known.clear();
    this.packed.clear();
    this.boxes.clear();
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
      const seq = ++this.seq;
      this.edits[region] = seq;
      if (this.answers(region)) this.connection.expectAnswer();
      const sent = this.connection.send(
        { type: "mask_patch", seq, region, box, final },
        (after?.packed ?? pack(crop(mask, box))).buffer,
      );
      if (sent) this.remember(seq);
      else this.unsent.add("masks");
    }
    this.boxes.clear();
  }

  private remember(seq: number): void {
    this.own.add(seq);
    const [oldest] = this.own;
    if (this.own.size > MOST_OWN) this.own.delete(oldest as number); // it was refused
  }

  /** The kernel has a patch; another page may have sent it. What the pen paints here at present stays on top. */
  relayed({ seq, region, box, bytes }: Extract<Incoming, { type: "patched" }>): void {
    if (this.own.delete(seq)) return;
    const { store } = this;
    const whole = copyMask(store.stroke?.region === region ? store.stroke.before : store.mask(region));
    const [x, y, width, height] = box;
    const piece = unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const fits = x + width <= whole.width && y + height <= whole.height;
    if (!fits || piece.width !== width || piece.height !== height) return; // of a size that is still on its way
    paste(whole, box, piece);
    store.takeMask(region, whole);
    this.packed.delete(region);
    this.edits[region] = Math.max(this.edits[region] ?? 0, seq);
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
    if (keys.includes("size")) this.resized();
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
      if (keys.has("size")) model.set("size", [...store.size]);
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
    for (const { id } of store.regions) {
      const mask = store.masks.get(id);
      if (!mask) continue;
      const blob = this.packed.get(id) ?? pack(mask);
      this.packed.set(id, blob);
      this.known.set(id, blob);
      const view = this.views.get(blob) ?? new DataView(blob.slice().buffer);
      this.views.set(blob, view);
      masks[id] = view;
      edits[id] = this.edits[id] ?? 0;
    }
    model.set("masks", masks);
    model.set("mask_edits", edits);
  }

  // ------------------------------------------------------------ after a kernel that was away

  /** The kernel lacks everything. */
  keepAll(): void {
    this.own.clear();
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

  /** Our masks are newer than any that the kernel may have. */
  renumber(): void {
    for (const { id } of this.store.regions) if (this.store.masks.has(id)) this.edits[id] = ++this.seq;
  }
}
