// From a drag of a handle to a transform: plain geometry.

import type { Box } from "./mask";
import { MAX_MOVE, MAX_SCALE, middle, type Transform, turn } from "./transform";

export type Point = [x: number, y: number];

/** What a pointer holds: a corner, the handle that rotates, or the region itself. */
export type Grip = 0 | 1 | 2 | 3 | "turn" | "inside";

/** Where the handles are, in scene px. */
export interface Handles {
  /** Upper left, upper right, lower right, lower left, as they were before they were turned. */
  readonly corners: readonly Point[];
  /** The handle that rotates, and where its stalk begins. */
  readonly turn: Point;
  readonly stalk: Point;
  readonly color: string;
}

/** A drag as it began. content: the box of what the region covered before `start`. */
export interface Drag {
  readonly grip: Grip;
  readonly from: Point;
  readonly start: Transform;
  readonly handles: Handles;
  readonly content: Box;
}

/** Degrees that a turn goes by with Shift held. */
const SNAP = 15;

/** The pointer is at (x, y). With `constrain` a move keeps to one axis, a corner the ratio, a turn goes by steps. */
export function dragged(drag: Drag, x: number, y: number, constrain: boolean): Transform {
  switch (drag.grip) {
    case "inside":
      return shifted(drag, x, y, constrain);
    case "turn":
      return turned(drag, x, y, constrain);
    default:
      return scaled(drag, drag.grip, x, y, constrain);
  }
}

/** By whole px, which loses nothing. */
function shifted({ from, start }: Drag, x: number, y: number, constrain: boolean): Transform {
  let [dx, dy] = [Math.round(x - from[0]), Math.round(y - from[1])];
  if (constrain && Math.abs(dx) < Math.abs(dy)) dx = 0;
  else if (constrain) dy = 0;
  return { ...start, move: bounded(start.move[0] + dx, start.move[1] + dy) };
}

function turned({ start, handles }: Drag, x: number, y: number, constrain: boolean): Transform {
  const [ax, ay] = handles.corners[0]!;
  const [bx, by] = handles.corners[2]!;
  const angle = (px: number, py: number) =>
    (Math.atan2(py - (ay + by) / 2, px - (ax + bx) / 2) * 180) / Math.PI;
  const wanted = start.rotate + angle(x, y) - angle(...handles.turn);
  const rotate = constrain ? SNAP * Math.round(wanted / SNAP) : Math.round(wanted * 10) / 10;
  return { ...start, rotate: ((((rotate + 180) % 360) + 360) % 360) - 180 };
}

/** The corner goes along with the pointer, the opposite one stays. */
function scaled(
  { from, start, handles, content }: Drag,
  grip: 0 | 1 | 2 | 3,
  x: number,
  y: number,
  constrain: boolean,
): Transform {
  const [, , width, height] = content;
  const fixed = handles.corners[(grip + 2) % 4]!;
  const corner = handles.corners[grip]!;
  const [cosine, sine] = turn(start.rotate);
  const [u, v] = [corner[0] + x - from[0] - fixed[0], corner[1] + y - from[1] - fixed[1]];
  const [right, down] = [grip === 1 || grip === 2 ? 1 : -1, grip >= 2 ? 1 : -1];
  let sx = (right * (cosine * u + sine * v)) / width;
  let sy = (down * (cosine * v - sine * u)) / height;
  if (constrain) {
    const [wide, high] = start.scale.map(Math.abs) as Point;
    const factor = Math.max(Math.abs(sx) / wide, Math.abs(sy) / high);
    [sx, sy] = [factor * wide * sign(sx), factor * high * sign(sy)];
  }
  [sx, sy] = [limited(sx), limited(sy)];
  // From the corner that stays, half of the new diagonal leads to the new middle.
  const [p, q] = [(right * sx * width) / 2, (down * sy * height) / 2];
  const [cx, cy] = middle(content);
  const [mx, my] = [fixed[0] + cosine * p - sine * q, fixed[1] + sine * p + cosine * q];
  return { ...start, scale: [sx, sy], move: bounded(mx - cx, my - cy) };
}

const sign = (value: number) => (value < 0 ? -1 : 1);

function bounded(...move: Point): Point {
  return move.map((px) => Math.min(Math.max(px, -MAX_MOVE), MAX_MOVE)) as Point;
}

/** A factor of a scale within its limits. */
export const limited = (factor: number) =>
  sign(factor) * Math.min(Math.max(Math.abs(factor), 1 / MAX_SCALE), MAX_SCALE);
