// What the store tells: to the views, and to whoever carries it to the kernel.

import type { FileKind } from "./filekinds";
import type { Frame } from "./frames";
import type { Box } from "./mask";
import type { Piece } from "./piece";
import type { Incoming, Outgoing } from "./protocol";
import type { Values } from "./scene";
import type { ShapeTool } from "./shaper";

export type Tool = "brush" | "eraser" | ShapeTool | "transform" | "eyedropper" | "hand";

/** "busy": it does not answer at present. "gone": there is none; drawing goes on and is kept. */
export type Kernel = "ok" | "busy" | "gone";

/** What the kernel may be asked for. */
export type Request = "regenerate" | "surprise" | "retry";

/** A file that the kernel is to make, or to read. */
export type FileRequest = { save: FileKind } | { open: File };

/** A picture of the scene with another seed; null until it is painted. */
export interface Variation {
  readonly seed: number;
  readonly picture: Blob | null;
}

/** Seeds to paint the scene with; none takes back what was asked before. */
export interface VaryRequest {
  readonly vary: readonly number[];
}

/** What is asked of the history. */
export type HistoryRequest = Extract<Outgoing, { entry: number }>;

/** What the kernel says beside the scene: a picture of the history, or to bring back what the browser keeps. */
export type Heard = Extract<Incoming, { type: "entry" | "bring_back" }>;

export type StateKey = "size" | "regions" | "masks" | "active" | keyof Values;

export interface StoreEvents {
  /** The list of regions, or a field of one. */
  regions: undefined;
  /** Pixels of one mask; box null: all of it, or another size. */
  mask: { region: string; box: Box | null };
  /** One of Values, or size. */
  values: undefined;
  /** The tool, its size, the active region, what is unfolded. */
  ui: undefined;
  history: undefined;
  /** Everything is said in other words. */
  language: undefined;
  status: undefined;
  /** notices, vocabulary, tiles or facts. */
  words: undefined;
  /** null: there is none any more. */
  frame: Frame | null;
  /** The pen went down or up. `created`: the stroke made its region. */
  stroke: { active: boolean; region: string; created: boolean };
  /** For the kernel: a box of a mask that changed, `after` being its pixels if they are kept anyway, or state. */
  edited:
    | { patch: { region: string; box: Box; final: boolean; after?: Piece } }
    | { state: StateKey[]; typing?: boolean };
  /** For the kernel. */
  asked: Request | FileRequest | HistoryRequest | VaryRequest;
  /** There are others, or one of them is painted. */
  variations: undefined;
  /** From the kernel. */
  heard: Heard;
  /** A person cannot do that now; says why. */
  refused: string;
  /** Something is done that is easily missed, or not seen at all by whoever hears the canvas. */
  did: string;
}
