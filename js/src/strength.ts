// An even scale for the strength of a mask. A mask counts in a step if it lies above the step's noise level, and those
// crowd towards 1; on this scale one half is the strength that keeps half of the steps.
// semanticdraw_widget/strength_scale.py is the same from the other side.

/** The strength at a share, 0 to 1, of the scale. levels: of the steps, falling; none leaves the scale as it is. */
export function strengthAt(share: number, levels: readonly number[]): number {
  const scale = scaleOf(levels);
  const at = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
  const low = Math.min(Math.floor(at), scale.length - 2);
  const [from, to] = [scale[low] as number, scale[low + 1] as number];
  return from + (at - low) * (to - from);
}

/** The place of a strength on the scale, 0 to 1. */
export function shareOf(strength: number, levels: readonly number[]): number {
  const scale = scaleOf(levels);
  const above = scale.findIndex((one) => one >= strength);
  if (above <= 0) return above < 0 ? 1 : 0;
  const [from, to] = [scale[above - 1] as number, scale[above] as number];
  return (above - 1 + (strength - from) / (to - from)) / (scale.length - 1);
}

const scaleOf = (levels: readonly number[]) => [
  0,
  ...levels
    .slice(1)
    .filter((level) => level > 0 && level < 1)
    .sort((a, b) => a - b),
  1,
];
