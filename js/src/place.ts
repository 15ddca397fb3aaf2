// What can be made of a picture: the background, or a mask. Each is one step of undo, and says what was done.

import { title } from "./actions";
import { maskOps, type Op } from "./history";
import { emptyMask, isEmpty, type Mask } from "./mask";
import { backgroundOf, maskOf, PictureError, pixelsOf } from "./pictures";
import { MAX_REGIONS, NO_PICTURE, newRegion } from "./scene";
import type { Store } from "./store";

/** Puts a picture under the regions. */
export async function placeBackground(store: Store, file: Blob, name: string): Promise<void> {
  await attempt(store, async () => {
    const background_image = await backgroundOf(file, store.size, name);
    store.setValues({ background_image });
    store.history.seal();
    store.tell({ did: `${name} lies under the regions.` });
  });
}

export function removeBackground(store: Store): void {
  store.setValues({ background_image: NO_PICTURE });
  store.tell({ did: "The background has no picture any more." });
}

/** Why a region's mask cannot come from a picture; "" if it can. */
export function maskObstacle(store: Store, id: string | null): string {
  const region = store.region(id);
  if (region?.locked) return `${title(region)} is locked. Unlock it first.`;
  if (!region && store.regions.length >= MAX_REGIONS) return `A canvas has at most ${MAX_REGIONS} regions.`;
  return "";
}

/** Takes a picture for the mask of a region; of a new one for null. */
export async function placeMask(store: Store, file: Blob, name: string, id: string | null): Promise<void> {
  await attempt(store, async () => {
    const mask = maskOf(await pixelsOf(file, store.size, name));
    const obstacle = maskObstacle(store, id);
    if (obstacle) throw new PictureError(obstacle);
    if (isEmpty(mask))
      throw new PictureError(`${name} is black or clear all over, so that it covers nothing.`);
    const made = putMask(store, mask, id);
    store.tell({ did: `${name} is the mask of ${made}.` });
  });
}

function putMask(store: Store, mask: Mask, id: string | null): string {
  const old = store.region(id);
  const blank = emptyMask(mask.width, mask.height);
  const region = old ?? newRegion({ color: store.nextColor });
  const ops: Op[] = old
    ? store.showOps(old)
    : [{ kind: "insert", region, index: store.regions.length }, ...store.soloOps("")];
  store.edit("mask from a picture", [
    ...ops,
    ...maskOps(region.id, old ? store.mask(region.id) : blank, mask),
  ]);
  store.set({ active: region.id });
  return old ? title(old) : "a new region";
}

async function attempt(store: Store, place: () => Promise<void>): Promise<void> {
  try {
    await place();
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    store.tell({ refused: error.message });
  }
}
