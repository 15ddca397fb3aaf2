// What the kernel knows of the masks, as far as we know. Masks travel as patches, which come at once, and as a
// trait, which may be overtaken by them: a mask that Python sends may be older than a stroke on its way there.

import { now } from "./frames";
import { equalBytes, unpack } from "./mask";

/** For so long a mask from Python that equals an older one of ours is taken as overtaken on the way. */
const STALE_MS = 2000;
const REMEMBERED = 32;

export class KnownMasks {
  private readonly last = new Map<string, Uint8Array>();
  private readonly older: { region: string; blob: Uint8Array; until: number }[] = [];

  /** The kernel has this mask (SDM1 bytes), or will have it when it has read what we sent. */
  set(region: string, blob: Uint8Array): void {
    const old = this.last.get(region);
    if (old && !equalBytes(old, blob)) this.older.push({ region, blob: old, until: now() + STALE_MS });
    if (this.older.length > REMEMBERED) this.older.shift();
    this.last.set(region, blob);
  }

  has(region: string): boolean {
    return this.last.has(region);
  }

  clear(): void {
    this.last.clear();
    this.older.length = 0;
  }

  /**
   * Whether a mask from Python tells nothing new: it is the last one known, or one that we have replaced since.
   * unanswered: the kernel has not even read what we sent last.
   */
  isOld(region: string, blob: Uint8Array, unanswered: boolean): boolean {
    const last = this.last.get(region);
    if (last && equalBytes(last, blob)) return true;
    const candidates = this.older.filter((old) => old.region === region && (unanswered || now() < old.until));
    return candidates.some((old) => samePixels(old.blob, blob));
  }
}

/** Two libraries deflate the same pixels to different bytes. */
function samePixels(a: Uint8Array, b: Uint8Array): boolean {
  try {
    return equalBytes(unpack(a).data, unpack(b).data);
  } catch {
    return false;
  }
}
