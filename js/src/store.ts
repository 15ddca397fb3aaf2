// What all views of one canvas share: the scene, its history, the tool in hand, and what the kernel last said.
// Knows neither the DOM nor Jupyter. Every change ends in an event; `edited` says what the kernel must hear.
//
// In layers, each on the one before: storestate.ts what there is, edits.ts what changes it and back, sceneedits.ts
// the edits by name, hand.ts the strokes, taken.ts the edits of Python and of other pages, and here what else passes
// between the store and the kernel.

import { type Frame, supersedes } from "./frames";
import type { Texts } from "./language";
import type { Failure, State } from "./protocol";
import type { FileRequest, Heard, HistoryRequest, Request, Variation, VaryRequest } from "./storeevents";
import { Taken } from "./taken";

export type { FileRequest, Kernel, Request, StateKey, StoreEvents, Tool, Variation } from "./storeevents";

export class Store extends Taken {
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
