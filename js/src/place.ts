// What can be made of a picture: the background, or a mask. Each is one step of undo, and says what was done.

import { maskOps, type Op } from "./history";
import { emptyMask, isEmpty, type Mask } from "./mask";
import { backgroundOf, maskOf, PictureError, pixelsOf } from "./pictures";
import { MAX_REGIONS, NO_PICTURE, newRegion } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";

/** Puts a picture under the regions. */
export async function placeBackground(store: Store, file: Blob, name: string): Promise<void> {
  await attempt(store, async () => {
    const background_image = await backgroundOf(file, store.size, name, store.texts.pictures);
    store.setValues({ background_image });
    store.history.seal();
    store.tell({ did: store.texts.pictures.isBackground(name) });
  });
}

export function removeBackground(store: Store): void {
  store.setValues({ background_image: NO_PICTURE });
  store.tell({ did: store.texts.pictures.backgroundRemoved });
}

/** Why a region's mask cannot come from a picture; "" if it can. */
export function maskObstacle(store: Store, id: string | null): string {
  const region = store.region(id);
  if (region?.locked) return store.texts.regions.locked(title(store, region));
  if (!region && store.regions.length >= MAX_REGIONS) return store.texts.regions.most(MAX_REGIONS);
  return "";
}

/** Takes a picture for the mask of a region; of a new one for null. */
export async function placeMask(store: Store, file: Blob, name: string, id: string | null): Promise<void> {
  const texts = store.texts.pictures;
  await attempt(store, async () => {
    const mask = maskOf(await pixelsOf(file, store.size, name, texts));
    const obstacle = maskObstacle(store, id);
    if (obstacle) throw new PictureError(obstacle);
    if (isEmpty(mask)) throw new PictureError(texts.coversNothing(name));
    const made = putMask(store, mask, id);
    store.tell({ did: made ? texts.isMask(name, made) : texts.isMaskOfNew(name) });
  });
}

/** The region's title; "" for a new one. */
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
  return old ? title(store, old) : "";
}

async function attempt(store: Store, place: () => Promise<void>): Promise<void> {
  try {
    await place();
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    store.tell({ refused: error.message });
  }
}
