// Which of two pictures to show.

import type { FrameMessage } from "./protocol";

export interface Frame extends Pick<FrameMessage, "revision" | "kind" | "step" | "steps" | "size"> {
  /** To be confirmed with `painted`; null for one that did not come as a message. */
  readonly seq: number | null;
  readonly blob: Blob;
  /** By our clock, ms. */
  readonly received: number;
}

/** A newer scene always; of the same scene, whatever is not coarser. */
export function supersedes(next: Frame, shown: Frame | null): boolean {
  if (!shown || next.revision !== shown.revision) return !shown || next.revision > shown.revision;
  if (next.kind !== shown.kind) return next.kind === "settled";
  return next.step >= shown.step;
}

/** The `frame` trait: the last settled picture as a PNG. It counts as older than any frame message. */
export function frameOfTrait(bytes: DataView, size: readonly [number, number]): Frame | null {
  if (bytes.byteLength === 0) return null;
  const blob = new Blob([bytes as DataView<ArrayBuffer>], { type: "image/png" });
  return { seq: null, revision: -1, kind: "settled", step: 0, steps: 0, size, blob, received: now() };
}

export function now(): number {
  return performance.now();
}
