// What all views of one canvas share: the scene, its history, the tool in hand, and what the kernel last said.
// Knows neither the DOM nor Jupyter. Every change ends in an event; `edited` says what the kernel must hear.
//
// In layers, each on the one before: storestate.ts what there is, edits.ts what changes it and back, sceneedits.ts
// the edits by name, hand.ts the strokes, and here what passes between the store and the kernel.

import { type Frame, supersedes } from "./frames";
import { Hand } from "./hand";
import type { Texts } from "./language";
import { copyMask, differingBox, type Mask, paste } from "./mask";
import type { Failure, State } from "./protocol";
import type { Region, Values } from "./scene";
import type { FileRequest, Heard, HistoryRequest, Request, Variation, VaryRequest } from "./storeevents";

export type { FileRequest, Kernel, Request, StateKey, StoreEvents, Tool, Variation } from "./storeevents";

export class Store extends Hand {
  ask(what: Request | FileRequest | HistoryRequest | VaryRequest): void {
    if (what === "retry") this.setFailure(null);
    this.emit("asked", what);
  }

  /** Says to people what is done, or why something cannot be. */
  tell(what: { did: string } | { refused: string }): void {
    if ("did" in what) this.emit("did", what.did);
    else this.emit("refused", what.refused);
  }

  // ------------------------------------------------------------ what comes from the kernel

  /** Passes on what is not about the scene. */
  hear(message: Heard): void {
    this.emit("heard", message);
  }

  /** The regions as merged with Python's; a region that is gone takes its stroke along. */
  takeRegions(regions: readonly Region[]): void {
    this.regions = regions;
    if (this.stroke && !this.region(this.stroke.region)) this.stroke = null;
    if (!this.region(this.active)) this.active = regions.at(-1)?.id ?? null;
    this.emit("regions", undefined);
  }

  /** A mask from Python. The stroke in progress stays on top of it. */
  takeMask(id: string, mask: Mask): void {
    const old = this.masks.get(id);
    if (old && old.width === mask.width && old.height === mask.height) {
      const box = differingBox(old, mask);
      if (!box) return;
      const drawn = this.stroke?.region === id;
      if (drawn) this.stroke?.rebase(mask);
      else paste(old, [0, 0, mask.width, mask.height], mask);
      // A transform that waits puts the new pixels anywhere.
      this.emit("mask", { region: id, box: drawn ? null : box });
    } else {
      this.masks.set(id, copyMask(mask));
      this.emit("mask", { region: id, box: null });
    }
  }

  /** A whole scene that Python has laid out: one step of undo. The kernel has it already. */
  takeScene(
    label: string,
    values: Partial<Values>,
    regions: readonly { region: Region; mask: Mask }[],
    size = this.size,
  ): void {
    this.stroke = null;
    const ops = this.replacing(values, regions, size);
    this.apply(ops);
    this.record(label, ops);
    this.set({ active: regions.at(-1)?.region.id ?? null });
  }

  takeValues(values: Partial<Values & { size: readonly [number, number] }>): void {
    const size = values.size;
    if (size && size.join() !== this.size.join()) {
      this.stroke = null;
      this.history.clear();
      this.masks.clear();
    }
    Object.assign(this, values);
    this.set({});
    this.emit("values", undefined);
    this.emit("history", undefined);
  }

  takeStatus(
    news: Partial<
      Pick<
        Store,
        | "status"
        | "stats"
        | "notices"
        | "vocabulary"
        | "tiles"
        | "facts"
        | "kernel"
        | "cut"
        | "failure"
        | "filing"
      >
    >,
  ): void {
    Object.assign(this, news);
    const over: State[] = ["loading", "idle", "busy"];
    if (this.failure?.action && news.status && over.includes(news.status.state)) this.failure = null;
    this.emit("status", undefined);
    const words = news.notices || news.vocabulary || news.tiles !== undefined || news.facts !== undefined;
    if (words) this.emit("words", undefined);
  }

  /** The texts of another language. */
  takeTexts(texts: Texts): void {
    if (texts === this.texts) return;
    this.texts = texts;
    this.emit("language", undefined);
  }

  takeVariations(variations: readonly Variation[]): void {
    this.variations = variations;
    this.emit("variations", undefined);
  }

  setFailure(failure: Failure | null): void {
    this.takeStatus({ failure });
  }

  /** The picture is of another drawing, and nothing is painted until somebody asks. */
  dropFrame(): void {
    this.frame = null;
    this.emit("frame", null);
  }

  /** Shows the frame unless it is coarser than what is there; says whether it does. */
  takeFrame(frame: Frame): boolean {
    if (!supersedes(frame, this.frame)) return false;
    this.frame = frame;
    this.emit("frame", frame);
    return true;
  }
}
