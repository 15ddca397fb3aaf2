// The messages between canvas and kernel; semanticdraw_widget/protocol.py lists the same from the other side.
// What the kernel says is checked on arrival too: it may be of another version than this file.

import { type FileKind, KINDS } from "./filekinds";
import type { Box } from "./mask";

// ---------------------------------------------------------------- canvas -> kernel

export type Outgoing =
  /** A view exists: the kernel answers with its status and the last frame. */
  | { type: "ready"; view: number }
  /** Beside it one buffer: SDM1 bytes that replace `box` of the region's mask. */
  | { type: "mask_patch"; seq: number; region: string; box: Box; final: boolean }
  /** Frame `seq` is on screen. Times by our own clock, in milliseconds. */
  | { type: "painted"; seq: number; received: number; painted: number }
  | { type: "visible"; visible: boolean }
  | { type: "regenerate" }
  /** Lay out a random scene. */
  | { type: "surprise" }
  | { type: "retry" }
  /** Make a file of the drawing; `seq` comes back with it. */
  | { type: "save"; seq: number; kind: FileKind }
  /** Beside it one buffer: the bytes of a file from `offset` on, of `size` in all. Pieces go out in order. */
  | { type: "open"; seq: number; kind: FileKind; size: number; offset: number }
  /** Paint the scene with each of the seeds, beside the canvas; what was asked before is not wanted any more. */
  | { type: "vary"; seq: number; seeds: readonly number[] }
  /** Send the picture of a history entry: a thumbnail, or all of it. */
  | { type: "look"; entry: number; whole: boolean }
  /** Go back to the scene of a history entry. */
  | { type: "restore"; entry: number }
  /** Keep a history entry for good, or let it go with the others. */
  | { type: "pin"; entry: number; pinned: boolean }
  /** Drop a history entry. */
  | { type: "forget"; entry: number };

// ---------------------------------------------------------------- kernel -> canvas

export type FrameKind = "preview" | "settled";
export type State = "loading" | "idle" | "busy" | "error" | "closed";

export interface Stats {
  readonly fps: number;
  readonly first_preview_ms: number;
  readonly settled_ms: number;
  readonly step_ms: number;
  readonly samples: number;
  readonly in_flight: number;
  readonly dropped: number;
  readonly model: string;
  readonly device: string;
  readonly mode: string;
  readonly scheduling: string;
  /** 0 where it is not known. */
  readonly memory_mib: number;
}

export interface FrameMessage {
  readonly type: "frame";
  readonly seq: number;
  readonly revision: number;
  readonly kind: FrameKind;
  readonly step: number;
  readonly steps: number;
  readonly size: readonly [number, number];
  readonly mime: string;
  readonly stats: Stats;
}

export interface Status {
  readonly state: State;
  readonly stage: string;
  /** 0 to 1; means something while `state` is "loading". */
  readonly progress: number;
  readonly model: string;
  readonly device: string;
  readonly message: string;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly action: "retry" | "";
}

export type Incoming =
  | { type: "frame"; frame: FrameMessage; bytes: DataView }
  | { type: "status"; status: Status }
  /** seq: of the message that it answers; null if it answers none. */
  | { type: "error"; failure: Failure; seq: number | null }
  /** The file that `save` asked for. */
  | { type: "file"; seq: number; kind: FileKind; bytes: DataView }
  /** The file that came with `open` is the drawing now. notices: what was left aside. */
  | { type: "opened"; seq: number; notices: readonly string[] }
  /** A picture that `vary` asked for, a small JPEG. */
  | { type: "variation"; seq: number; seed: number; bytes: DataView }
  /** The answer to `ready`: all that was sent before is worked off. */
  | { type: "attached"; view: number }
  /** The picture that `look` asked for. */
  | { type: "entry"; entry: number; whole: boolean; bytes: DataView }
  /** Bring back the drawing that the browser keeps. */
  | { type: "bring_back" }
  /** Take back the last edit, or make the one again that was. */
  | { type: "undo" }
  | { type: "redo" }
  /** A patch of some page's stroke, `bytes` being SDM1. */
  | { type: "patched"; seq: number; region: string; box: Box; bytes: DataView };

export class ProtocolError extends Error {}

/** A checked message. Throws ProtocolError, whose text names the field. */
export function parse(content: unknown, buffers: readonly unknown[] = []): Incoming {
  if (!isObject(content)) throw new ProtocolError("a message is an object");
  switch (content.type) {
    case "frame":
      return { type: "frame", frame: readFrame(content), bytes: onlyBuffer(buffers) };
    case "status":
      return { type: "status", status: readStatus(content) };
    case "error":
      return { type: "error", failure: readFailure(content), seq: isCount(content.seq) ? content.seq : null };
    case "file":
      return {
        type: "file",
        seq: count(content, "seq"),
        kind: oneOf(content, "kind", KINDS),
        bytes: onlyBuffer(buffers),
      };
    case "variation": {
      const [seq, seed] = [count(content, "seq"), count(content, "seed")];
      return { type: "variation", seq, seed, bytes: onlyBuffer(buffers) };
    }
    case "opened":
      return { type: "opened", seq: count(content, "seq"), notices: texts(content.notices) };
    case "attached":
      return { type: "attached", view: count(content, "view") };
    case "entry":
      return {
        type: "entry",
        entry: count(content, "entry"),
        whole: content.whole === true,
        bytes: onlyBuffer(buffers),
      };
    case "bring_back":
      return { type: "bring_back" };
    case "undo":
    case "redo":
      return { type: content.type };
    case "patched": {
      const { region, box } = content;
      if (typeof region !== "string") throw bad("patched.region", region);
      if (!Array.isArray(box) || box.length !== 4 || !box.every(isCount)) throw bad("patched.box", box);
      const [x, y, width, height] = box as number[] as [number, number, number, number];
      return {
        type: "patched",
        seq: count(content, "seq"),
        region,
        box: [x, y, width, height],
        bytes: onlyBuffer(buffers),
      };
    }
    default:
      throw new ProtocolError(`unknown message type ${JSON.stringify(content.type)}`);
  }
}

function readFrame(content: Fields): FrameMessage {
  const size = content.size;
  if (!Array.isArray(size) || size.length !== 2 || !size.every((side) => isCount(side) && side > 0)) {
    throw bad("frame.size", size);
  }
  return {
    type: "frame",
    seq: count(content, "seq"),
    revision: count(content, "revision"),
    kind: oneOf(content, "kind", ["preview", "settled"]),
    step: count(content, "step"),
    steps: count(content, "steps"),
    size: [size[0], size[1]],
    mime: oneOf(content, "mime", ["image/png", "image/jpeg", "image/webp"]),
    stats: readStats(content.stats),
  };
}

/** Also what the `status` trait holds. */
export function readStatus(value: unknown): Status {
  const content = isObject(value) ? value : {};
  return {
    state: oneOf(content, "state", ["loading", "idle", "busy", "error", "closed"]),
    stage: text(content.stage),
    progress: Math.min(Math.max(number(content.progress), 0), 1),
    model: text(content.model),
    device: text(content.device),
    message: text(content.message),
  };
}

function readFailure(content: Fields): Failure {
  return {
    code: text(content.code),
    message: text(content.message),
    hint: text(content.hint),
    action: content.action === "retry" ? "retry" : "",
  };
}

/** Also what the `stats` trait holds. */
export function readStats(value: unknown): Stats {
  const content = isObject(value) ? value : {};
  return {
    fps: number(content.fps),
    first_preview_ms: number(content.first_preview_ms),
    settled_ms: number(content.settled_ms),
    step_ms: number(content.step_ms),
    samples: number(content.samples),
    in_flight: number(content.in_flight),
    dropped: number(content.dropped),
    model: text(content.model),
    device: text(content.device),
    mode: text(content.mode),
    scheduling: text(content.scheduling),
    memory_mib: number(content.memory_mib),
  };
}

// ---------------------------------------------------------------- kernel-owned traits

export interface Notice {
  readonly code: string;
  readonly message: string;
  readonly words: readonly string[];
  /** Known words that are like the unknown ones; the message names them. */
  readonly near: readonly string[];
}

export interface Vocabulary {
  readonly backgrounds: readonly string[];
  readonly objects: readonly string[];
  /** These go before an object. */
  readonly colors: readonly string[];
  /** These go after a prompt and a comma. */
  readonly styles: readonly string[];
}

export const NO_WORDS: Vocabulary = { backgrounds: [], objects: [], colors: [], styles: [] };

/** The `notices` trait: the engine's remarks by region id or "background". */
export function readNotices(value: unknown): Map<string, Notice[]> {
  const notices = new Map<string, Notice[]>();
  for (const [id, list] of Object.entries(isObject(value) ? value : {})) {
    if (!Array.isArray(list)) continue;
    const read = list.filter(isObject).map((item) => ({
      code: text(item.code),
      message: text(item.message),
      words: texts(item.words),
      near: texts(item.near),
    }));
    notices.set(id, read);
  }
  return notices;
}

export function readVocabulary(value: unknown): Vocabulary {
  const content = isObject(value) ? value : {};
  const { backgrounds, objects, colors, styles } = content;
  return {
    backgrounds: texts(backgrounds),
    objects: texts(objects),
    colors: texts(colors),
    styles: texts(styles),
  };
}

/** What the loaded model is by itself. */
export interface Facts {
  readonly steps: number;
  readonly guidance: number;
  /** Its network is fed guidance as a number. */
  readonly takesGuidance: boolean;
  /** Noise levels of its steps, falling. */
  readonly levels: readonly number[];
}

/** The `model_facts` trait; null before a model is loaded. */
export function readFacts(value: unknown): Facts | null {
  if (!isObject(value) || !isCount(value.steps) || typeof value.guidance !== "number") return null;
  const levels = Array.isArray(value.levels) ? value.levels.filter((one) => typeof one === "number") : [];
  return {
    steps: value.steps,
    guidance: value.guidance,
    takesGuidance: value.takes_guidance === true,
    levels,
  };
}

/** An entry of the `history_entries` trait: a finished picture that one can go back to. */
export interface HistoryEntry {
  readonly id: number;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly pinned: boolean;
  readonly size: readonly [number, number];
}

export function readHistory(value: unknown): HistoryEntry[] {
  const list = Array.isArray(value) ? value.filter(isObject) : [];
  return list
    .filter(({ id, size }) => isCount(id) && Array.isArray(size) && size.length === 2 && size.every(isCount))
    .map(({ id, title, made_at, pinned, size }) => ({
      id: id as number,
      title: text(title),
      madeAt: number(made_at),
      pinned: pinned === true,
      size: size as [number, number],
    }));
}

// ---------------------------------------------------------------- fields

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const text = (value: unknown) => (typeof value === "string" ? value : "");
const texts = (value: unknown) =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const bad = (name: string, value: unknown) =>
  new ProtocolError(`${name} cannot be ${JSON.stringify(value) ?? "missing"}`);

function count(content: Fields, name: string): number {
  const value = content[name];
  if (!isCount(value)) throw bad(name, value);
  return value;
}

function oneOf<T extends string>(content: Fields, name: string, allowed: readonly T[]): T {
  const value = content[name];
  if (!allowed.includes(value as T)) throw bad(name, value);
  return value as T;
}

function onlyBuffer(buffers: readonly unknown[]): DataView {
  const [buffer] = buffers;
  if (buffers.length !== 1)
    throw new ProtocolError(`a frame or file carries one buffer, not ${buffers.length}`);
  if (buffer instanceof ArrayBuffer) return new DataView(buffer);
  if (ArrayBuffer.isView(buffer)) {
    return new DataView(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  }
  throw new ProtocolError("the buffer of a frame or file is binary");
}
