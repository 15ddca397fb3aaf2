// The transform tool by keys.

import type { Transformer } from "./transformer";

/** Steps with Shift and without: px, degrees, and a factor. */
const NUDGE = [10, 1] as const;
const TURN = [15, 1] as const;
const GROW = 1.05;
const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Does what the key stands for; false if that is nothing. */
export function transformKey(transformer: Transformer, { key, shiftKey, altKey }: KeyboardEvent): boolean {
  const direction = DIRECTIONS[key];
  if (key === "Enter" || key === "Escape") {
    if (!transformer.busy) return false;
    if (key === "Enter") transformer.apply();
    else transformer.cancel();
    return true;
  }
  if (key === "[" || key === "]") {
    transformer.adjust(key === "]" ? GROW : 1 / GROW, 0);
    return true;
  }
  if (!direction) return false;
  const [dx, dy] = direction;
  if (altKey && dy) return false; // moves the row of the region
  if (altKey) transformer.adjust(1, dx * TURN[shiftKey ? 0 : 1]);
  else transformer.nudge(dx * NUDGE[shiftKey ? 0 : 1], dy * NUDGE[shiftKey ? 0 : 1]);
  return true;
}
