// The finished pictures that one can look back at, as all views of a canvas share them. The kernel holds them, and
// sends what is looked at.

import { Emitter } from "./emitter";
import type { Model } from "./model";
import { type HistoryEntry, readHistory } from "./protocol";
import type { Store } from "./store";

/** Whole pictures held at a time. */
const MOST_WHOLE = 4;

export class Past extends Emitter<{ changed: undefined }> {
  /** The oldest first. */
  entries: readonly HistoryEntry[] = [];
  /** Whether the strip is unfolded; null, until a person says it, leaves that to the room that a view has. */
  open: boolean | null = null;
  /** Ids of what is compared: one with the current picture, or two with one another, the first on the left. */
  compared: readonly number[] = [];
  private readonly small = new Map<number, string>();
  private readonly whole = new Map<number, string>();
  private readonly asked = new Set<string>();
  private readonly endings: (() => void)[];

  constructor(
    private readonly model: Model,
    private readonly store: Store,
  ) {
    super();
    const read = () => this.read();
    model.on("change:history_entries", read);
    this.endings = [
      () => model.off("change:history_entries", read),
      store.on("heard", (message) => {
        if (message.type === "entry") this.take(message.entry, message.whole, message.bytes);
      }),
      store.on("status", () => store.kernel === "gone" && this.asked.clear()),
    ];
    this.read();
  }

  dispose(): void {
    for (const end of this.endings) end();
    for (const url of [...this.small.values(), ...this.whole.values()]) URL.revokeObjectURL(url);
  }

  entry(id: number | undefined): HistoryEntry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  unfold(open: boolean): void {
    this.open = open;
    if (!open) this.compared = [];
    this.tell();
  }

  /** Shows an entry beside the current picture, or with `other` beside that entry; nothing ends it. */
  compare(...ids: number[]): void {
    this.compared = ids;
    this.tell();
  }

  /** Address of an entry's small picture; null until it is there. */
  thumbnail(id: number): string | null {
    return this.small.get(id) ?? this.request(id, false);
  }

  /** Address of an entry's picture, or of its small one until that is there. */
  picture(id: number): string | null {
    return this.whole.get(id) ?? this.request(id, true) ?? this.thumbnail(id);
  }

  restore(id: number): void {
    if (this.refuses()) return;
    this.compared = [];
    this.store.ask({ type: "restore", entry: id });
    this.tell();
  }

  pin(id: number, pinned: boolean): void {
    if (!this.refuses()) this.store.ask({ type: "pin", entry: id, pinned });
  }

  forget(id: number): void {
    if (!this.refuses()) this.store.ask({ type: "forget", entry: id });
  }

  /** Says so if nothing can be done: the kernel is gone. */
  refuses(): boolean {
    if (this.store.kernel !== "gone") return false;
    this.store.tell({ refused: this.store.texts.history.needKernel });
    return true;
  }

  private request(id: number, whole: boolean): null {
    const key = `${id} ${whole}`;
    if (this.store.kernel === "gone" || this.asked.has(key)) return null;
    this.asked.add(key);
    this.store.ask({ type: "look", entry: id, whole });
    return null;
  }

  private take(id: number, whole: boolean, bytes: DataView): void {
    this.asked.delete(`${id} ${whole}`);
    const pictures = whole ? this.whole : this.small;
    const type = whole ? "image/png" : "image/jpeg";
    drop(pictures, id);
    pictures.set(id, URL.createObjectURL(new Blob([bytes as DataView<ArrayBuffer>], { type })));
    for (const old of [...this.whole.keys()].slice(0, -MOST_WHOLE)) drop(this.whole, old);
    this.tell();
  }

  private read(): void {
    this.entries = readHistory(this.model.get("history_entries"));
    this.compared = this.compared.filter((id) => this.entry(id));
    for (const pictures of [this.small, this.whole])
      for (const id of [...pictures.keys()]) if (!this.entry(id)) drop(pictures, id);
    this.tell();
  }

  private tell(): void {
    this.emit("changed", undefined);
  }
}

function drop(pictures: Map<number, string>, id: number): void {
  const url = pictures.get(id);
  if (url) URL.revokeObjectURL(url);
  pictures.delete(id);
}
