// Between the store and the widget's model: edits go out, traits and messages come in. Everything goes out
// again after the kernel was away, so that nothing drawn is lost.

import { Connection } from "./connection";
import { Files } from "./files";
import { type Frame, now } from "./frames";
import type { Model } from "./model";
import { Outbox, TYPING_MS } from "./outbox";
import { parse } from "./protocol";
import type { Store } from "./store";
import { Timers } from "./timers";
import { TRAITS, Traits } from "./traits";
import { Variants } from "./variants";

export { ANSWER_MS } from "./connection";
export type { Model } from "./model";
export { PATCH_MS, TYPING_MS } from "./outbox";

export class Link {
  private readonly endings: (() => void)[] = [];
  private readonly timers = new Timers();
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly traits: Traits;
  private readonly files: Files;
  private readonly variants: Variants;

  private frameMessages = 0;
  private confirmed = -1;
  private readonly views = new Set<number>();
  private lastView = 0;
  private returned = 0;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
  ) {
    this.connection = new Connection(model, store, this.timers, {
      gone: () => this.gone(),
      back: () => this.back(),
    });
    this.outbox = new Outbox(model, store, this.connection, this.timers);
    this.traits = new Traits(model, store, this.outbox, this.connection);
    this.files = new Files(
      store,
      (message, buffer) => {
        this.connection.expectAnswer();
        return this.connection.send(message, buffer);
      },
      () => this.outbox.nextSeq(),
    );
    this.variants = new Variants(
      store,
      (message) => this.connection.send(message),
      () => this.outbox.nextSeq(),
    );
    this.traits.readAll();
    this.listen();
  }

  dispose(): void {
    for (const end of this.endings) end();
    this.files.dispose();
    this.timers.dispose();
  }

  // ------------------------------------------------------------ views

  /** A view is there; gives back what to call when it goes. */
  addView(): () => void {
    const view = ++this.lastView;
    this.views.add(view);
    this.connection.expectAnswer();
    this.connection.send({ type: "ready", view });
    return () => {
      this.views.delete(view);
      if (this.views.size === 0) this.connection.send({ type: "visible", visible: false });
    };
  }

  /** The page goes away: what can still be sent is sent. */
  leave(): void {
    this.store.endStroke();
    this.outbox.sendPatches();
    this.outbox.flush();
  }

  setVisible(visible: boolean): void {
    if (this.views.size > 0) this.connection.send({ type: "visible", visible });
  }

  /** A view shows the frame. */
  painted(frame: Frame): void {
    if (frame.seq === null || frame.seq <= this.confirmed) return;
    this.confirmed = frame.seq;
    this.connection.send({ type: "painted", seq: frame.seq, received: frame.received, painted: now() });
  }

  /** The host says whether there is a kernel with this widget in it. */
  setAlive(alive: boolean, cut = false): void {
    this.connection.setAlive(alive, cut);
  }

  /** The host says whether the kernel runs a cell. */
  setKernelBusy(busy: boolean | null): void {
    this.connection.setKernelBusy(busy);
  }

  // ------------------------------------------------------------ what is heard

  private listen(): void {
    const { model, store } = this;
    const choose = () => this.traits.tellActive();
    this.endings.push(
      store.on("ui", choose),
      store.on("regions", choose),
      store.on("edited", (edit) => {
        if ("patch" in edit) this.outbox.patch(edit.patch);
        else this.outbox.schedule(edit.state, edit.typing ? TYPING_MS : 0);
      }),
      store.on("asked", (asked) => {
        if (typeof asked !== "string") this.outbox.sendPatches(); // a file holds the stroke that goes on, too
        this.outbox.flush();
        if (typeof asked === "string") {
          this.connection.expectAnswer();
          this.connection.send({ type: asked });
        } else if ("vary" in asked) this.variants.ask(asked.vary);
        else if ("entry" in asked) this.connection.send(asked);
        else if ("save" in asked) this.files.save(asked.save);
        else void this.files.open(asked.open);
      }),
    );
    const listen = (name: string, listener: (...args: never[]) => void) => {
      model.on(name, listener);
      this.endings.push(() => model.off(name, listener));
    };
    for (const trait of TRAITS) listen(`change:${trait}`, () => this.traits.changed(trait));
    listen("change:frame", () => this.traits.readFrame(this.frameMessages === 0));
    listen("msg:custom", (content: unknown, buffers?: readonly unknown[]) => this.receive(content, buffers));
    listen("comm:close", () => this.setAlive(false));
  }

  private receive(content: unknown, buffers?: readonly unknown[]): void {
    this.connection.answered();
    let message: ReturnType<typeof parse>;
    try {
      message = parse(content, buffers ?? []);
    } catch (error) {
      console.warn("semanticdraw_widget: a message from the kernel is not understood:", error);
      return;
    }
    if (message.type === "status") this.store.takeStatus({ status: message.status });
    else if (message.type === "entry" || message.type === "bring_back") this.store.hear(message);
    else if (message.type === "undo" || message.type === "redo") this.store[message.type]();
    else if (message.type === "patched") this.outbox.relayed(message);
    else if (message.type === "attached") {
      if (message.view === this.returned) this.outbox.agreed();
    } else if (message.type === "file") this.files.saved(message.seq, message.bytes);
    else if (message.type === "variation") this.variants.painted(message.seq, message.seed, message.bytes);
    else if (message.type === "opened") this.files.opened(message.seq, message.notices);
    else if (message.type === "error") {
      this.outbox.refused(message.seq);
      const ours = this.files.refused(message.seq);
      this.variants.failed(message.seq);
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

  // ------------------------------------------------------------ a kernel that comes and goes

  private gone(): void {
    this.outbox.keepAll();
    this.files.gone();
    this.variants.end();
  }

  /** The kernel is there again: it gets everything. */
  private back(): void {
    this.outbox.resend();
    this.outbox.flush();
    // The answer comes after whatever the kernel has told from before.
    this.returned = ++this.lastView;
    if (this.views.size === 0) this.outbox.agreed();
    else this.connection.send({ type: "ready", view: this.returned });
  }
}
