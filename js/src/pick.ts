// The eyedropper: the region that one sees at a place becomes the chosen one.

import type { Region } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";

/** The uppermost region that is painted at a place in scene px. */
export function regionAt(store: Store, x: number, y: number): Region | undefined {
  const [width, height] = store.size;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) return undefined;
  return store.regions.findLast(
    (region) => store.shows(region) && store.masks.get(region.id)?.data[row * width + column],
  );
}

/** Chooses it, and says so; false if there is none. */
export function pick(store: Store, x: number, y: number): boolean {
  const region = regionAt(store, x, y);
  const texts = store.texts.tool;
  store.tell({ did: region ? texts.picked(title(store, region)) : texts.pickedNone });
  if (region) store.set({ active: region.id });
  return region !== undefined;
}
