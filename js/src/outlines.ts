// The outlines of all masks as paths, each kept until its mask changes.

import { type Box, contentBox, joinBoxes, type Mask } from "./mask";
import { type Line, Outliner, outline } from "./outline";
import type { Store } from "./store";

/** The mask that is being drawn in: with every frame its outline is another one, but only in one place. */
interface Live {
  readonly region: string;
  readonly mask: Mask;
  readonly outliner: Outliner;
  stale: Box | null;
}

export class Outlines {
  private readonly paths = new Map<string, Path2D>();
  private live: Live | null = null;

  constructor(private readonly store: Store) {}

  /** A mask has changed in the box; null: all of it. */
  changed(region: string, box: Box | null): void {
    this.paths.delete(region);
    if (this.live?.region !== region) return;
    if (box) this.live.stale = joinBoxes(this.live.stale, box);
    else this.live = null;
  }

  clear(): void {
    this.paths.clear();
    this.live = null;
  }

  path(region: string): Path2D {
    let path = this.paths.get(region);
    if (!path) {
      path = pathOf(this.lines(region));
      this.paths.set(region, path);
    }
    return path;
  }

  private lines(region: string): Line[] {
    const mask = this.store.mask(region);
    if (this.live?.region !== region || this.live.mask !== mask) {
      if (this.store.stroke?.region !== region) return outline(mask, contentBox(mask));
      this.live = { region, mask, outliner: new Outliner(mask, contentBox(mask)), stale: null };
    }
    const { outliner, stale } = this.live;
    if (stale) outliner.update(stale);
    this.live.stale = null;
    return outliner.lines();
  }
}

function pathOf(lines: readonly Line[]): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    path.moveTo(line[0]!, line[1]!);
    for (let i = 2; i < line.length; i += 2) path.lineTo(line[i]!, line[i + 1]!);
    path.closePath();
  }
  return path;
}
