// A drawing that outlives its kernel. A restarted kernel has no widget: its cell runs again, and the canvas with
// the drawing gives way to an empty one, which offers the drawing back.

import { copyMask, isEmpty, type Mask } from "./mask";
import type { Region } from "./scene";
import type { Store } from "./store";

interface Kept {
  size: readonly [number, number];
  background: string;
  regions: { fields: Partial<Region>; mask: Mask }[];
}

/** Each widget loads this module anew, so what they share hangs on the page. */
const page = globalThis as { semanticdrawKept?: Kept | undefined };

/** To be called when a view goes: keeps the drawing if its kernel is gone. */
export function keep({ kernel, size, background, regions, masks }: Store): void {
  if (kernel !== "gone" || regions.length === 0) return;
  const kept = regions.flatMap(({ id: _, ...fields }, i) => {
    const mask = masks.get((regions[i] as Region).id);
    return mask && !isEmpty(mask) ? [{ fields, mask: copyMask(mask) }] : [];
  });
  if (kept.length) page.semanticdrawKept = { size, background, regions: kept };
}

/** The kept drawing, if it fits a canvas of that size. */
export function kept(size: readonly [number, number]): Kept | null {
  const found = page.semanticdrawKept;
  return found && found.size.join() === size.join() ? found : null;
}

export function forgetKept(): void {
  page.semanticdrawKept = undefined;
}
