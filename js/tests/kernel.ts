// The kernel's side of the masks, as semanticdraw_widget/mask_store.py has it, and the wires to some pages: what is sent
// waits there until the test lets it through, one way and the other, always in order.

import { copyMask, emptyMask, type Mask, pack, paste, unpack } from "../src/mask";
import { FakeModel } from "./model";

type Numbers = Record<string, number>;
type Blobs = Record<string, DataView>;

/** A model whose messages and traits go out on one wire. */
class WiredModel extends FakeModel {
  readonly outgoing: (() => void)[] = [];

  constructor(
    private readonly kernel: Kernel,
    values: Record<string, unknown>,
  ) {
    super(values);
  }

  override save_changes(): void {
    super.save_changes();
    const state = this.saved.at(-1) ?? {};
    this.outgoing.push(() => this.kernel.takeTraits(state));
  }

  override send(message: unknown, callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    super.send(message, callbacks, buffers);
    this.outgoing.push(() => this.kernel.takeMessage(message as Patch, buffers));
  }
}

interface Patch {
  readonly type: string;
  readonly seq: number;
  readonly region: string;
  readonly box: [number, number, number, number];
}

export class Kernel {
  readonly masks = new Map<string, Mask>();
  private readonly last = new Map<string, number>();
  private readonly revisions: Numbers = {};
  private revision = 0;
  private readonly pages: { model: WiredModel; incoming: (() => void)[] }[] = [];

  /** A page that comes now. */
  page(values: Record<string, unknown>): FakeModel {
    const model = new WiredModel(this, { ...values, ...this.state() });
    this.pages.push({ model, incoming: [] });
    return model;
  }

  mask(region: string): Mask {
    return this.masks.get(region) ?? emptyMask(64, 64);
  }

  /** Python sets a mask. */
  set(region: string, mask: Mask): void {
    this.masks.set(region, copyMask(mask));
    this.revisions[region] = ++this.revision;
    this.tellState();
  }

  takeMessage(message: Patch, buffers: ArrayBuffer[]): void {
    if (message.type !== "mask_patch") return;
    const { seq, region, box } = message;
    const mask = copyMask(this.mask(region));
    paste(mask, box, unpack(new Uint8Array(buffers[0] as ArrayBuffer)));
    this.masks.set(region, mask);
    this.last.set(region, Math.max(seq, this.last.get(region) ?? 0));
    const told = { type: "patched", seq, region, box };
    const bytes = (buffers[0] as ArrayBuffer).slice(0);
    for (const { model, incoming } of this.pages) incoming.push(() => model.tell(told, new DataView(bytes)));
  }

  takeTraits(state: Record<string, unknown>): void {
    const [masks, edits, seen] = [
      state.masks as Blobs,
      state.mask_edits as Numbers,
      state.mask_revisions as Numbers,
    ];
    let unseen = false;
    for (const [region, view] of Object.entries(masks ?? {})) {
      const old = (seen[region] ?? 0) < (this.revisions[region] ?? 0);
      unseen ||= old;
      const overtaken = this.last.has(region) && (edits[region] ?? 0) <= (this.last.get(region) as number);
      if (!old && !overtaken)
        this.masks.set(region, unpack(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)));
    }
    if (unseen) this.tellState();
  }

  /** Lets one message through that a page has sent; false if there is none. */
  hear(page: number): boolean {
    const message = this.pages[page]?.model.outgoing.shift();
    message?.();
    return message !== undefined;
  }

  /** Lets one message through to a page; false if there is none. */
  tell(page: number): boolean {
    const message = this.pages[page]?.incoming.shift();
    message?.();
    return message !== undefined;
  }

  /** Lets everything through, until nobody has anything to say. */
  settle(): void {
    let said = true;
    while (said) {
      said = false;
      this.pages.forEach((_, page) => {
        while (this.hear(page)) said = true;
        while (this.tell(page)) said = true;
      });
    }
  }

  private tellState(): void {
    const state = this.state();
    for (const { model, incoming } of this.pages) incoming.push(() => model.python(state));
  }

  private state(): Record<string, unknown> {
    const masks = [...this.masks].map(([region, mask]) => [region, new DataView(pack(mask).buffer)]);
    return {
      masks: Object.fromEntries(masks),
      mask_edits: Object.fromEntries(this.last),
      mask_revisions: { ...this.revisions },
    };
  }
}
