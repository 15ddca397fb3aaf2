// Brushes from a person's disk, and to it. Each import is one step of undo, and says what came of it.

import { type Brush, BrushError, brushOf, fromJson, joined, MAX_BRUSHES, MAX_FILE, toJson } from "./brushes";
import { download } from "./download";
import type { Region } from "./scene";
import type { Store } from "./store";

const FILE = "brushes.json";

export async function importBrushes(store: Store, file: File): Promise<void> {
  const { brushes: texts, brushFile: say } = store.texts;
  try {
    if (file.size > MAX_FILE) throw new BrushError(say.tooLarge(MAX_FILE));
    const theirs = fromJson(await file.text(), say);
    const brushes = joined(store.brushes, theirs, say);
    const count = brushes.length - store.brushes.length;
    if (count) store.setValues({ brushes });
    store.set({ palette: true, settings: false });
    store.tell({
      did: count ? texts.imported(count, file.name) : texts.nothingNew(file.name),
    });
  } catch (error) {
    if (!(error instanceof BrushError)) throw error;
    store.tell({ refused: texts.refused(file.name, error.message) });
  }
}

export function exportBrushes(store: Store): void {
  download(FILE, toJson(store.brushes));
  store.tell({ did: store.texts.brushes.exported(store.brushes.length, FILE) });
}

/** Why a region cannot become a brush; "" if it can. */
export function brushObstacle(store: Store, region: Region): string {
  if (!region.prompt.trim()) return store.texts.brushes.sayFirst;
  return store.brushes.length < MAX_BRUSHES ? "" : store.texts.brushes.full(MAX_BRUSHES);
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
  store.tell({ did: store.texts.brushes.removed(name) });
}
