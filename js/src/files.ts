// Saving and opening: the kernel makes and reads the bytes, one file at a time. Here they come from the reader's disk
// and go there. Knows no elements, so that it works once for a canvas, however many views it has.

import { download } from "./download";
import { type FileKind, kindOf, stem, unfit } from "./filekinds";
import type { Outgoing } from "./protocol";
import type { Store } from "./store";

/** Bytes in a message. Jupyter's server breaks off the connection at one of more than 10 MiB. */
export const PIECE = 4 * 2 ** 20;
/** What takes longer says that it has begun. */
const QUICK_MS = 300;

type Send = (message: Outgoing, buffer?: ArrayBuffer) => boolean;

export class Files {
  private current: { seq: number; name: string } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the next saved file; "" before one is open. */
  private stem = "";

  constructor(
    private readonly store: Store,
    private readonly send: Send,
    private readonly nextSeq: () => number,
  ) {}

  private get texts() {
    return this.store.texts.files;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.current = null;
  }

  save(kind: FileKind): void {
    const seq = this.begin("saving", `${this.stem || this.texts.stem}.${kind}`);
    if (seq !== null) this.send({ type: "save", seq, kind });
  }

  async open(file: File): Promise<void> {
    const kind = kindOf(file);
    const why = unfit(file, this.texts);
    if (why || !kind) {
      this.store.tell({ refused: why });
      return;
    }
    const seq = this.begin("opening", file.name);
    if (seq === null) return;
    const { size } = file;
    try {
      for (let offset = 0; offset < size; offset += PIECE) {
        const piece = await file.slice(offset, offset + PIECE).arrayBuffer();
        if (this.current?.seq !== seq) return; // the kernel has refused it already, or is gone
        this.send({ type: "open", seq, kind, size, offset }, piece);
      }
    } catch (error) {
      if (this.current?.seq === seq) this.fail(this.texts.unreadable(file.name, String(error)));
    }
  }

  // ------------------------------------------------------------ what the kernel says

  saved(seq: number, bytes: DataView): void {
    const name = this.end(seq);
    if (name === null) return;
    download(name, bytes as DataView<ArrayBuffer>);
    this.store.tell({ did: this.texts.saved(name) });
  }

  opened(seq: number, notices: readonly string[]): void {
    const name = this.end(seq);
    if (name === null) return;
    this.stem = stem(name);
    this.store.tell({ did: this.texts.opened(name) });
    if (notices.length === 0) return;
    const hint = notices.map((notice) => `${notice.charAt(0).toUpperCase()}${notice.slice(1)}.`).join(" ");
    this.store.setFailure({ code: "file", message: this.texts.openedInPart(name), hint, action: "" });
  }

  /** An error came in answer to `seq`: the file with that number will not. Says whether we wait for it. */
  refused(seq: number | null): boolean {
    return seq !== null && this.end(seq) !== null;
  }

  gone(): void {
    const { current, store, texts } = this;
    if (current)
      this.fail(store.filing === "saving" ? texts.notSaved(current.name) : texts.notOpened(current.name));
  }

  // ------------------------------------------------------------ one at a time

  private begin(filing: "saving" | "opening", name: string): number | null {
    const { store } = this;
    const refused = store.noFiles;
    if (refused) {
      store.tell({ refused });
      return null;
    }
    const seq = this.nextSeq();
    this.current = { seq, name };
    if (store.failure?.code === "file") store.setFailure(null); // that of the file before
    store.takeStatus({ filing });
    this.timer = setTimeout(() => store.tell({ did: this.texts[filing](name) }), QUICK_MS);
    return seq;
  }

  /** The name of the file; null if it is another one that the kernel speaks of. */
  private end(seq: number): string | null {
    if (this.current?.seq !== seq) return null;
    const { name } = this.current;
    this.current = null;
    clearTimeout(this.timer);
    this.store.takeStatus({ filing: "" });
    return name;
  }

  private fail(refused: string): void {
    if (this.current) this.end(this.current.seq);
    this.store.tell({ refused });
  }
}
