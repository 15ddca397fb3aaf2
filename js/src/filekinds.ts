// The kinds of files that keep a drawing, as semanticdraw_widget/storage has them, and which of them a file is.

import type { Texts } from "./language";

export type FileKind = "sdraw" | "png" | "ora";

export const KINDS: readonly FileKind[] = ["sdraw", "png", "ora"];

/** Of storage/limits.py. */
export const MAX_FILE = 3 * 2 ** 29;

/** For a file chooser. */
export const ACCEPT = KINDS.map((kind) => `.${kind}`).join();

const HEADER = 12;
const KEYWORD = "semanticdraw:";
const SIGNATURE = "\x89PNG\r\n\x1a\n";
/** Chunks that are looked at; ours are the first after the header. */
const MAX_CHUNKS = 64;

/** By its name's ending; a picture from the clipboard may have a name without one. */
export function kindOf({ name, type }: { readonly name: string; readonly type: string }): FileKind | null {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return KINDS.find((kind) => kind === ending) ?? (type === "image/png" ? "png" : null);
}

/** Its name without the ending. */
export const stem = (name: string): string => name.replace(/\.[^.]*$/, "") || name;

/** Why it cannot be opened; "" if the kernel may look at it. */
export function unfit(
  file: { readonly name: string; readonly type: string; readonly size: number },
  texts: Texts["files"],
): string {
  if (!kindOf(file)) return texts.noDrawing(file.name);
  if (file.size === 0) return texts.empty(file.name);
  return file.size > MAX_FILE ? texts.tooLarge(file.name, mib(file.size), mib(MAX_FILE)) : "";
}

const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** Whether a PNG has a scene in it: a text chunk of ours before its pixels. */
export async function hasScene(file: Blob): Promise<boolean> {
  const bytes = async (from: number, count: number) =>
    new Uint8Array(await file.slice(from, from + count).arrayBuffer());
  let at = SIGNATURE.length;
  if (latin(await bytes(0, at)) !== SIGNATURE) return false;
  for (let i = 0; i < MAX_CHUNKS && at < file.size; i++) {
    const head = await bytes(at, 8 + KEYWORD.length);
    if (head.length < 8) return false;
    const kind = latin(head.subarray(4, 8));
    if (kind === "iTXt" && latin(head.subarray(8)) === KEYWORD) return true;
    if (kind === "IDAT") return false;
    at += HEADER + new DataView(head.buffer).getUint32(0);
  }
  return false;
}

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);
