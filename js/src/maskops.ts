// Whole masks from whole masks, pixel by pixel. Byte for byte what semanticdraw_widget/mask_ops.py does; both meet
// tests/vectors/mask_ops.json.

import type { Mask } from "./mask";

/** What either covers. */
export function union(a: Mask, b: Mask): Mask {
  return { ...a, data: a.data.map((value, i) => Math.max(value, b.data[i] as number)) };
}

/** What the mask leaves; a half-covered pixel stays half covered. */
export function inverted(mask: Mask): Mask {
  return { ...mask, data: mask.data.map((value) => 255 - value) };
}

/** The mask, and with it all that none of `others` covers. */
export function filled(mask: Mask, others: readonly Mask[]): Mask {
  const covered = others.reduce(union, { ...mask, data: new Uint8Array(mask.data.length) });
  return union(mask, inverted(covered));
}
