// A widget's model without Jupyter: keeps what was saved and sent, and speaks as Python and the kernel do.

import { emptyMask, type Mask, pack } from "../src/mask";
import widget from "../src/widget";

type Listener = (...args: never[]) => void;
export type Message = { type: string; [field: string]: unknown };

export class FakeModel {
  readonly sent: { message: Message; buffers: ArrayBuffer[] }[] = [];
  readonly saved: Record<string, unknown>[] = [];
  /** Throws at every send, as a comm does whose kernel is dead. */
  dead = false;
  private revision = 0;
  private unsaved: Record<string, unknown> = {};
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(readonly values: Record<string, unknown> = {}) {
    this.values = { ...defaults(), ...values };
  }

  get(name: string): unknown {
    return this.values[name];
  }

  set(name: string, value: unknown): void {
    this.values[name] = value;
    this.unsaved[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes(): void {
    if (this.dead) throw new Error("no comm");
    this.saved.push(this.unsaved);
    this.unsaved = {};
  }

  send(message: unknown, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    if (this.dead) throw new Error("no comm");
    this.sent.push({ message: message as Message, buffers });
  }

  on(name: string, listener: Listener): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
  }

  off(name: string, listener?: Listener): void {
    if (listener) this.listeners.get(name)?.delete(listener);
    else this.listeners.delete(name);
  }

  emit(name: string, ...values: unknown[]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])])
      (listener as (...a: unknown[]) => void)(...values);
  }

  // ---------------------------------------------------------------- the other side

  python(values: Record<string, unknown>): void {
    const told = { ...this.revised(values.masks), ...values };
    // As Backbone does: every value is there before the first of them is told.
    Object.assign(this.values, told);
    for (const name of Object.keys(told)) this.emit(`change:${name}`);
  }

  /** Python counts its edits of each mask. */
  private revised(masks: unknown): Record<string, unknown> {
    if (!masks) return {};
    const revisions = { ...(this.values.mask_revisions as Record<string, number>) };
    this.revision++;
    for (const id of Object.keys(masks)) revisions[id] = this.revision;
    return { mask_revisions: revisions };
  }

  tell(message: Message, ...buffers: DataView[]): void {
    this.emit("msg:custom", message, buffers);
  }

  frame(seq: number, revision: number, kind: "preview" | "settled", step: number): void {
    const message = {
      type: "frame",
      seq,
      revision,
      kind,
      step,
      steps: 4,
      size: [64, 64],
      mime: "image/png",
      stats: {},
    };
    this.tell(message, new DataView(new Uint8Array([seq]).buffer));
  }

  messages(type: string): Message[] {
    return this.sent.filter(({ message }) => message.type === type).map(({ message }) => message);
  }

  /** Everything written into a trait, in order. */
  writes<T>(name: string): T[] {
    return this.saved.filter((state) => name in state).map((state) => state[name] as T);
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

function defaults(): Record<string, unknown> {
  return {
    regions: [],
    masks: {},
    mask_edits: {},
    mask_revisions: {},
    page_edit: "",
    background: "",
    seed: 0,
    steps: 0,
    guidance: null,
    mode: "auto",
    cfg: "auto",
    solo: "",
    size: [64, 64],
    status: { state: "idle", stage: "", progress: 0, model: "crayon", device: "cpu", message: "" },
    stats: {},
    notices: {},
    layouts: 0,
    layout_kind: "surprise",
    history_entries: [],
    kept: {},
    canvas_id: "",
    autosave: true,
    palette: new DataView(new ArrayBuffer(0)),
    vocabulary: { backgrounds: ["sky", "sea"], objects: ["house", "tree"] },
    model_facts: { steps: 4, guidance: 4, takes_guidance: true },
    frame: new DataView(new ArrayBuffer(0)),
  };
}

/** A mask with some pixels set, and the same as a trait has it: inside a larger buffer. */
export function maskOf(...pixels: [x: number, y: number][]): Mask {
  const mask = emptyMask(64, 64);
  for (const [x, y] of pixels) mask.data[y * 64 + x] = 255;
  return mask;
}

export function asTrait(mask: Mask): DataView {
  const blob = pack(mask);
  const larger = new Uint8Array(blob.length + 7);
  larger.set(blob, 3);
  return new DataView(larger.buffer, 3, blob.length);
}

/** A canvas with one view in the page. `end` ends the view, `dispose` the widget, `close` all of it. */
export function openCanvas(values: Record<string, unknown> = {}) {
  const model = new FakeModel(values);
  const el = document.createElement("div");
  document.body.append(el);
  const instance = widget();
  const dispose = instance.initialize({ model });
  const end = instance.render({ model, el });
  const close = () => {
    end();
    dispose();
    el.remove();
    localStorage.clear(); // what was drawn here is no drawing from before for the next test
  };
  return { model, el, end, dispose, close };
}
