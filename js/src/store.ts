// What all views of one canvas share: the scene, its history, the tool in hand, and what the kernel last said.
// Knows neither the DOM nor Jupyter. Every change ends in an event; `edited` says what the kernel must hear.

import { Emitter } from "./emitter";
import type { FileKind } from "./filekinds";
import { type Frame, now, supersedes } from "./frames";
import { type Entry, fieldsOp, History, invert, maskOp, maskOps, type Op } from "./history";
import { type Box, copyMask, differingBox, emptyMask, type Mask, paste, unpack } from "./mask";
import { nextColor } from "./palette";
import {
  type Facts,
  type Failure,
  NO_WORDS,
  type Notice,
  type State,
  type Stats,
  type Status,
  type Vocabulary,
} from "./protocol";
import { MAX_PROMPT, MAX_REGIONS, newRegion, type Region, VALUES, type Values } from "./scene";
import type { ShapeTool } from "./shaper";
import { Stroke } from "./stroke";

export type Tool = "brush" | "eraser" | ShapeTool | "transform" | "eyedropper" | "hand";

/** "busy": it does not answer at present. "gone": there is none; drawing goes on and is kept. */
export type Kernel = "ok" | "busy" | "gone";

/** What the kernel may be asked for. */
export type Request = "regenerate" | "surprise" | "retry";

/** A file that the kernel is to make, or to read. */
export type FileRequest = { save: FileKind } | { open: File };

export type StateKey = "regions" | "masks" | keyof Values;

export interface StoreEvents {
  /** The list of regions, or a field of one. */
  regions: undefined;
  /** Pixels of one mask; box null: all of it, or another size. */
  mask: { region: string; box: Box | null };
  /** One of Values, or size. */
  values: undefined;
  /** The tool, its size, the opacity, the active region, what is unfolded. */
  ui: undefined;
  history: undefined;
  status: undefined;
  /** notices, vocabulary, tiles or facts. */
  words: undefined;
  frame: Frame;
  /** The pen went down or up. `created`: the stroke made its region. */
  stroke: { active: boolean; region: string; created: boolean };
  /** For the kernel: a box of a mask that changed, or state that did. */
  edited: { patch: { region: string; box: Box; final: boolean } } | { state: StateKey[]; typing?: boolean };
  /** For the kernel. */
  asked: Request | FileRequest;
  /** A person cannot do that now; says why. */
  refused: string;
  /** Something is done that is easily missed, or not seen at all by whoever hears the canvas. */
  did: string;
}

export class Store extends Emitter<StoreEvents> {
  readonly history = new History();

  // the scene
  size: readonly [number, number] = [256, 256];
  regions: readonly Region[] = [];
  readonly masks = new Map<string, Mask>();
  background = "";
  seed = 0;
  steps = 0;
  guidance: number | null = null;
  mode = "auto";
  cfg = "auto";
  solo = "";

  // the hand
  tool: Tool = "brush";
  /** Diameter in scene px. */
  brush = 28;
  /** How much colors may differ that the magic select takes for one, 0 to 255. */
  tolerance = 32;
  /** Of the tint over the picture, 0 to 1; 0 hides the outlines too. */
  opacity = 0.35;
  /** The tint stays when the pen is lifted. */
  pinned = false;
  active: string | null = null;
  /** Whether the active region shows its details, and the scene its settings. */
  details = false;
  settings = false;
  /** Whether the palette of the model's words is unfolded. */
  palette = true;
  /** Chosen for the next object, and for the next prompt if there is none yet; "" for none. */
  color = "";
  style = "";
  stroke: Stroke | null = null;

  // the kernel
  kernel: Kernel = "ok";
  status: Status = { state: "loading", stage: "", progress: 0, model: "", device: "", message: "" };
  stats: Stats | null = null;
  notices = new Map<string, Notice[]>();
  vocabulary: Vocabulary = NO_WORDS;
  /** Pictures of the vocabulary's words, see tiles.ts. */
  tiles: Blob | null = null;
  /** null before a model is loaded. */
  facts: Facts | null = null;
  failure: Failure | null = null;
  frame: Frame | null = null;
  /** What is being done with a file. */
  filing: "" | "saving" | "opening" = "";

  // ------------------------------------------------------------ reading

  region(id: string | null): Region | undefined {
    return this.regions.find((region) => region.id === id);
  }

  /** The mask of a region; one that has none yet gets an empty one. */
  mask(id: string): Mask {
    let mask = this.masks.get(id);
    if (!mask) {
      mask = emptyMask(...this.size);
      this.masks.set(id, mask);
    }
    return mask;
  }

  /** The region that is painted alone. */
  get alone(): Region | undefined {
    return this.region(this.solo);
  }

  /** Whether a region is painted. */
  shows(region: Region): boolean {
    return this.alone ? region.id === this.solo : region.visible;
  }

  /** Whether the model lists words that it is sure of. */
  get hasWords(): boolean {
    return this.vocabulary.backgrounds.length + this.vocabulary.objects.length > 0;
  }

  /** Nothing has been painted, added or said yet. */
  get blank(): boolean {
    return this.regions.length === 0 && this.background === "" && !this.stroke && !this.frame;
  }

  /** Why no file can be saved or opened now; "" if one can. */
  get noFiles(): string {
    if (this.kernel === "gone") {
      return "Files need the kernel, and it is gone. The drawing is kept here; run the cell again.";
    }
    return this.filing ? `Still ${this.filing} a file.` : "";
  }

  /** Of the region to come. */
  get nextColor(): string {
    return nextColor(this.regions.map((region) => region.color));
  }

  // ------------------------------------------------------------ the hand

  set(
    ui: Partial<
      Pick<
        Store,
        | "tool"
        | "brush"
        | "tolerance"
        | "opacity"
        | "pinned"
        | "active"
        | "details"
        | "settings"
        | "palette"
        | "color"
        | "style"
      >
    >,
  ): void {
    Object.assign(this, ui);
    this.brush = Math.round(Math.min(Math.max(this.brush, 1), this.maxBrush));
    this.emit("ui", undefined);
  }

  get maxBrush(): number {
    return Math.min(512, Math.max(...this.size));
  }

  /** The region that the hand draws in; undefined while there is none. */
  get target(): Region | undefined {
    return this.region(this.active) ?? this.regions.at(-1);
  }

  /** Whether the hand can draw now. A locked region refuses. */
  canDraw(value: 0 | 255): boolean {
    const { target } = this;
    if (this.stroke) return false;
    if (target?.locked) {
      this.emit("refused", `"${target.prompt || target.name || "This region"}" is locked.`);
      return false;
    }
    return target !== undefined || value !== 0;
  }

  /** The pen goes down; null if it cannot paint here. Without any region it makes the first one. */
  beginStroke(value: 0 | 255): Stroke | null;
  beginStroke<S extends Stroke>(
    value: 0 | 255,
    Kind: new (...parts: ConstructorParameters<typeof Stroke>) => S,
  ): S | null;
  beginStroke(value: 0 | 255, Kind = Stroke): Stroke | null {
    if (!this.canDraw(value)) return null;
    const { target } = this;
    const ops: Op[] = [];
    const region = target ?? this.makeRegion({});
    if (!target) ops.push({ kind: "insert", region, index: this.regions.length });
    if (target) ops.push(...this.showOps(target));
    this.apply(ops);
    this.active = region.id;
    const mask = this.mask(region.id);
    this.stroke = new Kind(region.id, mask, value, ops, (box, final) => {
      this.emit("mask", { region: region.id, box });
      this.emit("edited", { patch: { region: region.id, box, final } });
    });
    this.emit("ui", undefined);
    this.emit("stroke", { active: true, region: region.id, created: !target });
    return this.stroke;
  }

  /** The pen is lifted; with `keep` false the stroke is taken back. `label` names it among the edits. */
  endStroke(keep = true, label?: string): void {
    const stroke = this.stroke;
    if (!stroke) return;
    this.stroke = null;
    if (!keep) stroke.takeBack();
    const { region, box, ops } = stroke;
    if (keep && box) {
      this.record(label ?? stroke.label ?? (stroke.value ? "stroke" : "erasing"), [
        ...ops,
        maskOp(region, box, stroke.before, this.mask(region)),
      ]);
    } else if (keep && ops.length) {
      this.record("region", ops);
    } else {
      this.apply(ops.map(invert).reverse());
    }
    stroke.finish();
    const state: StateKey[] = ops.length ? ["regions", "masks"] : ["masks"];
    if (ops.some((op) => op.kind === "values")) state.push("solo");
    if (ops.length || box) this.emit("edited", { state });
    this.emit("stroke", { active: false, region, created: ops[0]?.kind === "insert" });
  }

  /** Draws a shape as one stroke. If it changes no pixel nothing is done, and `unchanged` says why. */
  fill(
    label: string,
    value: 0 | 255,
    draw: (mask: Mask, region: string) => Box | null,
    unchanged?: string,
  ): void {
    const stroke = this.beginStroke(value);
    if (!stroke) return;
    stroke.fill(draw);
    this.endStroke(stroke.box !== null, label);
    if (!stroke.box && unchanged) this.emit("refused", unchanged);
  }

  // ------------------------------------------------------------ edits, each one step of undo

  addRegion(fields: Partial<Region> = {}): Region | null {
    const region = this.makeRegion(fields);
    const op: Op = { kind: "insert", region, index: this.regions.length };
    return this.edit("new region", [op]) ? region : null;
  }

  removeRegion(id: string): void {
    const index = this.regions.findIndex((region) => region.id === id);
    const region = this.regions[index];
    if (!region) return;
    this.edit("delete", [...this.clearOps(id), { kind: "remove", region, index }]);
  }

  /** `typing`: the edit goes on; the kernel hears of it when the hand rests. */
  updateRegion(id: string, fields: Partial<Region>, typing = false): void {
    const region = this.region(id);
    if (!region) return;
    const op = fieldsOp(region, fields);
    if (Object.keys(op.after).length === 0) return;
    const key = typing ? `${id} ${Object.keys(fields).join()}` : undefined;
    this.edit("edit", [op], key);
  }

  /** To place `index` of the list, the lowest region being 0. */
  moveRegion(id: string, index: number): void {
    const before = this.regions.map((region) => region.id);
    const after = before.filter((other) => other !== id);
    after.splice(index, 0, id);
    if (after.join() !== before.join()) this.edit("order", [{ kind: "order", before, after }]);
  }

  setValues(values: Partial<Values>, typing = false): void {
    const before = Object.fromEntries(
      Object.keys(values).map((key) => [key, this[key as keyof Values]]),
    ) as Partial<Values>;
    const changed = Object.keys(values).some((k) => values[k as keyof Values] !== before[k as keyof Values]);
    const key = typing ? Object.keys(values).join() : undefined;
    if (changed) this.edit("edit", [{ kind: "values", before, after: values }], key);
  }

  /** The eye: paints the region or leaves it out. Either ends a solo. */
  setVisible(id: string, visible: boolean): void {
    const region = this.region(id);
    if (!region || this.shows(region) === visible) return;
    const hide = () => [...(region.visible ? [fieldsOp(region, { visible })] : []), ...this.soloOps("")];
    this.edit("edit", visible ? this.showOps(region) : hide());
  }

  /** A whole scene at once, such as an example; it replaces what is there. */
  load(scene: { background: string; regions: { fields: Partial<Region>; mask: Mask }[] }): void {
    const made: Region[] = [];
    const parts = scene.regions.map(({ fields, mask }) => {
      const region = newRegion({ color: nextColor(made.map((r) => r.color)), ...fields });
      made.push(region);
      return { region, mask };
    });
    this.edit("example", this.replacing(scene.background, parts));
    this.set({ active: made.at(-1)?.id ?? null });
  }

  /** Changes every prompt that is not empty, the background's too. */
  reword(label: string, change: (prompt: string) => string): void {
    const spoken = this.regions.filter((region) => region.prompt.trim());
    const ops: Op[] = spoken
      .map((region) => fieldsOp(region, { prompt: change(region.prompt).slice(0, MAX_PROMPT) }))
      .filter((op) => Object.keys(op.after).length > 0);
    const before = { background: this.background };
    const after = { background: before.background.trim() && change(before.background).slice(0, MAX_PROMPT) };
    if (after.background !== before.background) ops.push({ kind: "values", before, after });
    if (ops.length) this.edit(label, ops);
  }

  undo(): void {
    if (this.stroke?.waits) this.endStroke(false);
    else if (!this.stroke) this.applyAndTell(this.history.undo());
  }

  redo(): void {
    if (!this.stroke) this.applyAndTell(this.history.redo());
  }

  ask(what: Request | FileRequest): void {
    if (what === "retry") this.setFailure(null);
    this.emit("asked", what);
  }

  /** Says to people what is done, or why something cannot be. */
  tell(what: { did: string } | { refused: string }): void {
    if ("did" in what) this.emit("did", what.did);
    else this.emit("refused", what.refused);
  }

  /** One step of undo; false if there would be too many regions. */
  edit(label: string, ops: readonly Op[], key?: string): boolean {
    if (this.stroke) this.endStroke();
    const grows = ops.filter((op) => op.kind === "insert").length;
    const shrinks = ops.filter((op) => op.kind === "remove").length;
    if (grows > shrinks && this.regions.length + grows - shrinks > MAX_REGIONS) {
      this.emit("refused", `A canvas has at most ${MAX_REGIONS} regions.`);
      return false;
    }
    this.applyAndTell(ops, key !== undefined);
    this.record(label, ops, key);
    return true;
  }

  private record(label: string, ops: readonly Op[], key?: string): void {
    const entry: Entry = { label, ops, time: now(), ...(key && { key }) };
    this.history.push(entry);
    this.emit("history", undefined);
  }

  private makeRegion(fields: Partial<Region>): Region {
    return newRegion({ color: this.nextColor, ...fields });
  }

  /** Takes away all regions, and puts others and another background in their place. */
  private replacing(background: string, parts: readonly { region: Region; mask: Mask }[]): Op[] {
    const gone = this.regions.flatMap((region): Op[] => [
      ...this.clearOps(region.id),
      { kind: "remove", region, index: 0 },
    ]);
    const come = parts.flatMap(({ region, mask }, index): Op[] => {
      const insert: Op = { kind: "insert", region, index };
      return [insert, ...maskOps(region.id, emptyMask(mask.width, mask.height), mask)];
    });
    const before = { background: this.background };
    return [...gone, ...come, { kind: "values", before, after: { background } }];
  }

  clearOps(id: string): Op[] {
    const mask = this.mask(id);
    return maskOps(id, mask, emptyMask(mask.width, mask.height));
  }

  /** What makes a region be painted that is hidden, or rests while another one is painted alone. */
  showOps(region: Region): Op[] {
    if (this.shows(region)) return [];
    return [...(region.visible ? [] : [fieldsOp(region, { visible: true })]), ...this.soloOps("")];
  }

  /** What paints a region alone; "" for none. */
  soloOps(id: string): Op[] {
    const before = this.alone ? this.solo : "";
    return id === before ? [] : [{ kind: "values", before: { solo: this.solo }, after: { solo: id } }];
  }

  // ------------------------------------------------------------ applying

  private applyAndTell(ops: readonly Op[], typing = false): void {
    const state = this.apply(ops);
    for (const op of ops) {
      if (op.kind === "mask") this.emit("edited", { patch: { ...op, final: true } });
    }
    if (state.size) this.emit("edited", { state: [...state], typing });
    this.emit("history", undefined);
  }

  private apply(ops: readonly Op[]): Set<StateKey> {
    const touched = new Set<StateKey>();
    for (const op of ops) for (const key of this.applyOne(op)) touched.add(key);
    if (touched.has("regions")) {
      if (!this.region(this.active)) this.active = this.regions.at(-1)?.id ?? null;
      this.emit("regions", undefined);
    }
    if (VALUES.some((key) => touched.has(key))) this.emit("values", undefined);
    return touched;
  }

  private applyOne(op: Op): StateKey[] {
    switch (op.kind) {
      case "mask": {
        const mask = this.mask(op.region);
        const [x, y, width, height] = op.box;
        if (x + width > mask.width || y + height > mask.height) return [];
        paste(mask, op.box, unpack(op.after));
        this.emit("mask", { region: op.region, box: op.box });
        return ["masks"];
      }
      case "insert":
        this.regions = this.regions.toSpliced(op.index, 0, op.region);
        this.active = op.region.id;
        return ["regions", "masks"];
      case "remove": {
        const place = this.regions.findIndex((region) => region.id === op.region.id);
        // The hand goes on with the one below; after a merger that is what the region has become.
        if (this.active === op.region.id) this.active = this.regions[place - 1]?.id ?? null;
        this.regions = this.regions.filter((region) => region.id !== op.region.id);
        return ["regions", "masks"];
      }
      case "fields":
        this.regions = this.regions.map((r) => (r.id === op.region ? { ...r, ...op.after } : r));
        return ["regions"];
      case "order": {
        const place = (region: Region) => (op.after.indexOf(region.id) + 1 || op.after.length + 1) - 1;
        this.regions = [...this.regions].sort((a, b) => place(a) - place(b));
        return ["regions"];
      }
      case "values":
        Object.assign(this, op.after);
        return Object.keys(op.after) as StateKey[];
    }
  }

  // ------------------------------------------------------------ what comes from the kernel

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
      if (this.stroke?.region === id) this.stroke.rebase(mask);
      else paste(old, [0, 0, mask.width, mask.height], mask);
      this.emit("mask", { region: id, box });
    } else {
      this.masks.set(id, copyMask(mask));
      this.emit("mask", { region: id, box: null });
    }
  }

  /** A whole scene that Python has laid out: one step of undo. The kernel has it already. */
  takeScene(
    label: string,
    scene: { background: string; regions: readonly { region: Region; mask: Mask }[] },
  ): void {
    this.stroke = null;
    const ops = this.replacing(scene.background, scene.regions);
    this.apply(ops);
    this.record(label, ops);
    this.set({ active: scene.regions.at(-1)?.region.id ?? null });
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
        "status" | "stats" | "notices" | "vocabulary" | "tiles" | "facts" | "kernel" | "failure" | "filing"
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

  setFailure(failure: Failure | null): void {
    this.takeStatus({ failure });
  }

  /** Shows the frame unless it is coarser than what is there; says whether it does. */
  takeFrame(frame: Frame): boolean {
    if (!supersedes(frame, this.frame)) return false;
    this.frame = frame;
    this.emit("frame", frame);
    return true;
  }
}
