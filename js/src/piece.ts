// The pixels in a box of a mask, as an edit found or left them. To pack them is most of what an edit costs, so it waits
// until somebody wants the bytes, or until the browser has time.

import { type Box, crop, type Mask, pack, unpack } from "./mask";

/** SDM1 bytes, see pack(). */
export type Packed = Uint8Array<ArrayBuffer>;

export class Piece {
  private pixels: Mask | null;
  private bytes: Packed | null = null;

  constructor(mask: Mask, box: Box) {
    this.pixels = crop(mask, box);
  }

  /** Nobody writes to it. */
  get mask(): Mask {
    return this.pixels ?? unpack(this.bytes as Packed);
  }

  /** From here on the bytes alone are kept. */
  get packed(): Packed {
    if (this.pixels) this.bytes = pack(this.pixels);
    this.pixels = null;
    return this.bytes as Packed;
  }

  /** Bytes that it takes. */
  get size(): number {
    return this.bytes?.length ?? (this.pixels as Mask).data.length;
  }
}
