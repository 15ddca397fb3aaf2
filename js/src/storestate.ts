// What the store holds, and what is to be read from it.

import type { Brush } from "./brushes";
import { Emitter } from "./emitter";
import type { Frame } from "./frames";
import { History } from "./history";
import type { Texts } from "./language";
import { en } from "./languages/en";
import { emptyMask, type Mask } from "./mask";
import { nextColor } from "./palette";
import {
  type Facts,
  type Failure,
  NO_WORDS,
  type Notice,
  type Stats,
  type Status,
  type Vocabulary,
} from "./protocol";
import { NO_PICTURE, type Region } from "./scene";
import { HARD } from "./softedge";
import type { Kernel, StoreEvents, Tool, Variation } from "./storeevents";
import type { Stroke } from "./stroke";

export class StoreState extends Emitter<StoreEvents> {
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
  scheduling = "auto";
  solo = "";
  style_text = "";
  quality_text = "";
  negative_text = "";
  brushes: readonly Brush[] = [];
  background_image: DataView = NO_PICTURE;

  // how it is looked at, and when it paints
  paused = false;
  outlines_only = false;
  grid = false;
  side_by_side = false;
  opacity = 0.35;
  /** To choose from, in the order in which they were asked for. */
  variations: readonly Variation[] = [];

  // what it says
  texts: Texts = en;

  // the hand
  tool: Tool = "brush";
  /** Diameter in scene px. */
  brush = 28;
  /** Per cent of the way from the brush's middle to its edge, from where on it gets softer. */
  hardness = HARD;
  /** How far the ink trails behind the pointer so that the hand looks steady, 0 (not at all) to 100. */
  steady = 0;
  /** What has touched a canvas of this page besides a mouse; a pen counts more than a finger. */
  touched: "" | "finger" | "pen" = "";
  /** Whether one finger draws or pans; null while nobody said so. */
  fingers: boolean | null = null;
  /** How much colors may differ that the magic select takes for one, 0 to 255. */
  tolerance = 32;
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
  /** The kernel is gone because the connection is: it goes on by itself. */
  cut = false;
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

  /** Whether there is anything to pick. */
  get hasPalette(): boolean {
    return this.hasWords || this.brushes.length > 0;
  }

  /** Nothing has been painted, added or said yet. */
  get blank(): boolean {
    const nothing = this.regions.length === 0 && this.background === "" && !this.background_image.byteLength;
    return nothing && !this.stroke && !this.frame;
  }

  /** Why no file can be saved or opened now; "" if one can. */
  get noFiles(): string {
    if (this.kernel === "gone") {
      return this.texts.files.needKernel;
    }
    return this.filing && this.texts.files.still[this.filing];
  }

  /** Of the region to come. */
  get nextColor(): string {
    return nextColor(this.regions.map((region) => region.color));
  }

  // ------------------------------------------------------------ what the hand holds

  set(
    ui: Partial<
      Pick<
        StoreState,
        | "tool"
        | "brush"
        | "hardness"
        | "steady"
        | "touched"
        | "fingers"
        | "tolerance"
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
    this.hardness = Math.round(Math.min(Math.max(this.hardness, 0), HARD));
    this.steady = Math.round(Math.min(Math.max(this.steady, 0), 100));
    this.emit("ui", undefined);
  }

  /** Whoever has a pen moves the canvas with the fingers, unless they want it otherwise. */
  get fingersDraw(): boolean {
    return this.fingers ?? this.touched !== "pen";
  }

  get maxBrush(): number {
    return Math.min(512, Math.max(...this.size));
  }
}
