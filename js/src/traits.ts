// The widget's traits into the store: all of them at first, then those that Python changes.

import { readBrushes, sameBrushes } from "./brushes";
import type { Connection } from "./connection";
import { frameOfTrait } from "./frames";
import type { Version } from "./known";
import { pageLanguage, textsFor } from "./language";
import { emptyMask, type Mask, unpack } from "./mask";
import type { Model } from "./model";
import { type Outbox, TYPING_MS } from "./outbox";
import { readFacts, readNotices, readStats, readStatus, readVocabulary } from "./protocol";
import { ALL_VALUES, mergeRegions, type Region, readRegions, sameRegions, VALUES } from "./scene";
import type { Store } from "./store";
import type { Origin } from "./taken";

const TOLD = [
  "mask_revisions",
  "page_edit",
  "active",
  "size",
  "layouts",
  "status",
  "stats",
  "notices",
  "vocabulary",
  "palette",
  "model_facts",
  "language",
] as const;
export const TRAITS = ["regions", "masks", ...ALL_VALUES, ...TOLD] as const;

/** What a scene that Python lays out may come with. */
const LAID_OUT = [...VALUES, "background_image"] as const;

type Trait = (typeof TRAITS)[number];

export class Traits {
  /** How many scenes Python has laid out, as far as we know. */
  private layouts: unknown;
  /** What the trait says of the last edit that a page has made, this one or another. */
  private pageEdit: unknown;
  /** Who has set what is told in this turn: all that another page writes comes with its name. */
  private from: Origin = "page";
  private reading = false;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
    private readonly outbox: Outbox,
    private readonly connection: Connection,
  ) {
    this.layouts = model.get("layouts");
    this.pageEdit = model.get("page_edit");
  }

  readAll(): void {
    this.store.takeValues({ size: this.readSize() });
    for (const trait of TRAITS) this.changed(trait);
    this.readFrame();
    this.from = "python";
  }

  private readSize(): readonly [number, number] {
    const size = this.model.get("size");
    const fits = Array.isArray(size) && size.length === 2 && size.every((side) => side >= 8);
    return fits ? [size[0], size[1]] : [256, 256];
  }

  changed(trait: Trait): void {
    if (this.outbox.writing) {
      this.pageEdit = this.model.get("page_edit");
      return;
    }
    this.lookWhose();
    this.reading = true;
    try {
      this.takeLayout();
      this.read(trait);
    } finally {
      this.reading = false;
    }
    this.connection.setAlive(true); // nobody else sets traits
  }

  private read(trait: Trait): void {
    const { store, model } = this;
    const value = model.get(trait);
    switch (trait) {
      case "layouts":
      case "page_edit":
        break;
      case "active":
        this.readActive();
        break;
      case "regions":
        this.regionsChanged(readRegions(value));
        break;
      case "masks":
      case "mask_revisions":
        this.masksChanged();
        break;
      case "size":
        this.sizeChanged();
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
      case "language":
        store.takeTexts(textsFor(value, pageLanguage()));
        break;
      case "brushes":
        if (!this.outbox.unsent.has(trait)) store.takeValues({ brushes: readBrushes(value) }, this.from);
        break;
      default:
        if (!this.outbox.isOlder(trait, value) && value !== undefined)
          store.takeValues({ [trait]: value }, this.from);
    }
  }

  /** Python's edits can be taken back here. Those of another page are taken back there. */
  private lookWhose(): void {
    const pageEdit = this.model.get("page_edit");
    if (pageEdit === this.pageEdit) return;
    this.pageEdit = pageEdit;
    this.from = "page";
    queueMicrotask(() => {
      this.from = "python";
    });
  }

  // ------------------------------------------------------------ the region that the hand draws in

  /** To Python alone: the host does not echo this trait to other pages. */
  tellActive(): void {
    if (this.reading) return; // what Python sets decides
    const told = this.model.get("active");
    if (told !== undefined && told !== (this.store.active ?? "")) this.outbox.schedule(["active"], 0);
  }

  private readActive(): void {
    const id = this.model.get("active");
    if (this.outbox.unsent.has("active") || this.store.active === id) return;
    if (this.store.region(String(id))) this.store.set({ active: String(id) });
  }

  // ------------------------------------------------------------ the scene

  /**
   * Python has laid out a whole scene, for which several traits change in one message: all of them have their new
   * values when the first one is told. What we have not sent yet belongs to the scene before.
   */
  private takeLayout(): void {
    const { model, store } = this;
    const layouts = model.get("layouts");
    if (layouts === this.layouts) return;
    this.layouts = layouts;
    const size = this.readSize();
    if (size.join() !== store.size.join()) this.outbox.resized();
    store.dropStroke();
    this.outbox.boxes.clear();
    for (const key of ["size", "regions", "masks", ...LAID_OUT] as const) this.outbox.unsent.delete(key);
    const masks = (model.get("masks") ?? {}) as Record<string, unknown>;
    this.outbox.base = readRegions(model.get("regions"));
    const regions = this.outbox.base.map((region) => {
      const blob = bytesOf(masks[region.id]);
      if (blob) this.outbox.known.set(region.id, this.version(region.id));
      this.outbox.packed.delete(region.id);
      const mask = (blob && this.readMask(blob, size)) ?? emptyMask(...size);
      return { region, mask: this.outbox.withOwn(region.id, mask) };
    });
    const changed = LAID_OUT.filter((key) => model.get(key) !== undefined && model.get(key) !== store[key]);
    const values = Object.fromEntries(changed.map((key) => [key, model.get(key)]));
    // A file adds to them. Ours that are on their way stay, and go out.
    const brushes = readBrushes(model.get("brushes"));
    const more = !this.outbox.unsent.has("brushes") && !sameBrushes(brushes, store.brushes) && { brushes };
    store.takeScene(String(model.get("layout_kind") || "surprise"), { ...values, ...more }, regions, size);
  }

  /** null if it is none, or one of another size: that belongs to a canvas size that is still on its way. */
  private readMask(blob: Uint8Array, [width, height] = this.store.size): Mask | null {
    const mask = attempt(() => unpack(blob));
    return mask?.width === width && mask.height === height ? mask : null;
  }

  private regionsChanged(theirs: readonly Region[]): void {
    const merged = mergeRegions(this.outbox.base, this.store.regions, theirs);
    this.outbox.base = theirs;
    if (!sameRegions(merged, this.store.regions)) this.store.takeRegions(merged, this.from);
    this.readActive(); // it may be one of those that have just come
    if (!sameRegions(merged, theirs)) this.outbox.schedule(["regions"], TYPING_MS);
  }

  private masksChanged(): void {
    const masks = (this.model.get("masks") ?? {}) as Record<string, unknown>;
    for (const [region, view] of Object.entries(masks)) {
      const { known } = this.outbox;
      const [version, before] = [this.version(region), known.of(region)];
      if (!known.lacks(region, version)) continue;
      const blob = bytesOf(view);
      const mask = blob && this.readMask(blob);
      if (!mask) continue;
      // A patch of another page that was missed is no edit of Python's.
      const set = version.revision > (before?.revision ?? 0);
      this.outbox.take(region, mask, blob, version, set ? this.from : "page");
    }
  }

  /** Which edits are in a mask of the trait. */
  private version(region: string): Version {
    const count = (trait: string) => {
      const numbers = this.model.get(trait) as Record<string, unknown> | undefined;
      const number = numbers?.[region];
      return typeof number === "number" ? number : 0;
    };
    return { revision: count("mask_revisions"), seq: count("mask_edits") };
  }

  private sizeChanged(): void {
    const { store, outbox } = this;
    const size = this.readSize();
    if (size.join() === store.size.join()) return; // it came with a layout
    outbox.resized();
    outbox.known.clear();
    if (this.from === "python") {
      const masks = (this.model.get("masks") ?? {}) as Record<string, unknown>;
      const fitting = Object.entries(masks).flatMap(([id, view]) => {
        const blob = bytesOf(view);
        const mask = blob && this.readMask(blob, size);
        return mask ? [[id, mask] as const] : [];
      });
      store.takeSize(size, new Map(fitting));
    } else {
      store.takeValues({ size });
    }
    this.masksChanged();
  }

  /** first: no frame has come as a message, which is newer than the trait. */
  readFrame(first = true): void {
    const { store } = this;
    const view = this.model.get("frame");
    if (!(view instanceof DataView)) return;
    if (view.byteLength === 0 && store.paused && store.frame) store.dropFrame();
    const frame = first ? frameOfTrait(view, store.size) : null;
    if (frame) store.takeFrame(frame);
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
