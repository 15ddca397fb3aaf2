// A steady hand: the ink trails behind the pointer as if on a string, and moves only when the string is taut. Small
// tremors never reach it, and as it knows no time, neither does how often the pointer was asked where it is.

export type Place = readonly [x: number, y: number];

/** CSS px of string at the setting of 100. */
const LONGEST = 64;

/** The string's length in CSS px, for a setting of 0 (none) to 100. Fine steps where the string is short. */
export const stringLength = (steady: number) => LONGEST * (steady / 100) ** 1.5;

export class SteadyHand {
  /** Where the ink is; null before the pen is down. */
  ink: Place | null = null;
  /** Where the pointer is. */
  pointer: Place | null = null;

  /** length: of the string, in the unit of the places. */
  constructor(private readonly length: number) {}

  /** The pointer is there. Gives back where the ink goes; null if it stays. */
  follow(pointer: Place): Place | null {
    this.pointer = pointer;
    const { ink, length } = this;
    if (!ink || length === 0) {
      this.ink = pointer;
      return pointer;
    }
    const [dx, dy] = [pointer[0] - ink[0], pointer[1] - ink[1]];
    const distance = Math.hypot(dx, dy);
    if (distance <= length) return null;
    const slack = length / distance;
    this.ink = [pointer[0] - dx * slack, pointer[1] - dy * slack];
    return this.ink;
  }

  /** The pen is lifted: the line ends where it was. Gives back where the ink goes; null if it is there. */
  catchUp(): Place | null {
    const { ink, pointer } = this;
    this.ink = pointer;
    return ink && pointer && (ink[0] !== pointer[0] || ink[1] !== pointer[1]) ? pointer : null;
  }
}
