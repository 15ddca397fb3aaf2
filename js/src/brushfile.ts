// Brushes from a person's disk, and to it. Each import is one step of undo, and says what came of it.

import { type Brush, BrushError, brushOf, fromJson, joined, MAX_BRUSHES, MAX_FILE, toJson } from "./brushes";
import { download } from "./download";
import type { Region } from "./scene";
import type { Store } from "./store";

export async function importBrushes(store: Store, file: File): Promise<void> {
  try {
    if (file.size > MAX_FILE) throw new BrushError(`a file of brushes has at most ${MAX_FILE} bytes`);
    const brushes = joined(store.brushes, fromJson(await file.text()));
    const count = brushes.length - store.brushes.length;
    if (count) store.setValues({ brushes });
    store.set({ palette: true, settings: false });
    store.tell({
      did: count ? `${counted(count)} from "${file.name}".` : `"${file.name}" has no new brushes.`,
    });
  } catch (error) {
    if (!(error instanceof BrushError)) throw error;
    store.tell({ refused: `"${file.name}" cannot be taken in: ${error.message}.` });
  }
}

export function exportBrushes(store: Store): void {
  download("brushes.json", toJson(store.brushes));
  store.tell({ did: `${counted(store.brushes.length)} saved as brushes.json.` });
}

/** Why a region cannot become a brush; "" if it can. */
export function brushObstacle(store: Store, region: Region): string {
  if (!region.prompt.trim()) return "Say what the region shows first.";
  return store.brushes.length < MAX_BRUSHES
    ? ""
    : `There are ${MAX_BRUSHES} brushes already. Remove some first.`;
}

/** Keeps a region's prompt and settings; its name. */
export function saveBrush(store: Store, region: Region): string {
  const brush = brushOf(region, store.brushes);
  store.setValues({ brushes: [...store.brushes, brush] });
  store.set({ palette: true });
  return brush.name;
}

export function removeBrush(store: Store, { name }: Brush): void {
  store.setValues({ brushes: store.brushes.filter((brush) => brush.name !== name) });
  store.tell({ did: `The brush "${name}" is removed.` });
}

const counted = (count: number) => (count === 1 ? "1 brush" : `${count} brushes`);
