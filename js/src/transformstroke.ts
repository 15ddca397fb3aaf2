// A transform as a stroke that waits: its region is shown and sent as it would be, always made from the mask as it
// was, and it is one step of undo once it is applied.

import { copyMask, differingBox, joinBoxes, type Mask, paste } from "./mask";
import { Stroke } from "./stroke";
import { IDENTITY, type Transform, transformed } from "./transform";

export class TransformStroke extends Stroke {
  override readonly waits = true;
  override readonly label = "transform";
  transform = IDENTITY;

  /** moving: more changes follow at once, so that a coarse look will do. */
  place(transform: Transform, moving = false): void {
    this.transform = transform;
    const next = transformed(this.before, transform, moving);
    const box = differingBox(this.mask, next);
    if (!box) return;
    paste(this.mask, [0, 0, next.width, next.height], next);
    this.box = joinBoxes(this.box, box);
    this.changed(box, false);
  }

  /** Python has set the mask meanwhile: the transform goes on with that one. */
  override rebase(mask: Mask): void {
    this.before = copyMask(mask);
    paste(this.mask, [0, 0, mask.width, mask.height], transformed(mask, this.transform));
    this.box = [0, 0, mask.width, mask.height];
  }

  /** Whether the region looks as it did. */
  get changesNothing(): boolean {
    return differingBox(this.before, this.mask) === null;
  }
}
