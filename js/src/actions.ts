// What can be done with a region as a whole, from its menu and by keys: each action is one step of undo, says what
// it did, or why it cannot be done. semanticdraw_widget/region_actions.py does the same from Python.

import { brushObstacle, saveBrush } from "./brushfile";
import { maskOps, type Op } from "./history";
import { differingBox, emptyMask, isEmpty, type Mask } from "./mask";
import { filled, inverted, union } from "./maskops";
import { MAX_REGIONS, newRegion, type Region } from "./scene";
import type { Store } from "./store";
import { isolate, shorten } from "./texts";

export type ActionName =
  | "up"
  | "down"
  | "duplicate"
  | "brush"
  | "merge"
  | "solo"
  | "fill"
  | "invert"
  | "clear"
  | "delete";

export interface Action {
  readonly name: ActionName;
  readonly label: string;
  /** As KeyboardEvent says it, letters in lower case. */
  readonly key: string;
  readonly modifier?: "Alt" | "Shift";
  /** For one that is on or off. */
  readonly on?: (store: Store, region: Region) => boolean;
  /** Why it cannot be done; "" if it can. Asked whenever the menu shows, so it looks at no pixels. */
  readonly obstacle?: (store: Store, region: Region) => string;
  /** Does it, and gives back what to say; null if it could not, which is then said. */
  readonly run: (store: Store, region: Region) => string | null;
}

/** In the order of the menu. */
export const ACTIONS: readonly Action[] = [
  {
    name: "up",
    label: "Move up",
    key: "ArrowUp",
    modifier: "Alt",
    obstacle: (store, region) =>
      store.regions.at(-1)?.id === region.id ? `${title(region)} is the uppermost region already.` : "",
    run: (store, region) => move(store, region, 1),
  },
  {
    name: "down",
    label: "Move down",
    key: "ArrowDown",
    modifier: "Alt",
    obstacle: (store, region) =>
      below(store, region) ? "" : `${title(region)} is the lowest region already.`,
    run: (store, region) => move(store, region, -1),
  },
  {
    name: "duplicate",
    label: "Duplicate",
    key: "c",
    obstacle: (store) =>
      store.regions.length < MAX_REGIONS
        ? ""
        : `A canvas has at most ${MAX_REGIONS} regions. Delete or merge some first.`,
    run: duplicate,
  },
  {
    name: "brush",
    label: "Save as brush",
    key: "t",
    obstacle: brushObstacle,
    run: (store, region) => `The palette has a brush "${saveBrush(store, region)}".`,
  },
  {
    name: "merge",
    label: "Merge down",
    key: "m",
    obstacle: mergeObstacle,
    run: merge,
  },
  {
    name: "solo",
    label: "Paint only this region",
    key: "a",
    on: (store, region) => store.solo === region.id,
    run: solo,
  },
  {
    name: "fill",
    label: "Fill what is left",
    key: "f",
    obstacle: (_, region) => lock(region),
    run: (store, region) => {
      const mask = rest(store, region);
      if (!differingBox(mask, store.mask(region.id))) return refuse(store, NOTHING_LEFT);
      draw(store, "fill", region, mask);
      return `${title(region)} has all that was left.`;
    },
  },
  {
    name: "invert",
    label: "Invert the mask",
    key: "i",
    modifier: "Shift", // the letter alone is the eyedropper
    obstacle: (_, region) => lock(region),
    run: (store, region) => {
      draw(store, "invert", region, inverted(store.mask(region.id)));
      return `The mask of ${title(region)} is inverted.`;
    },
  },
  {
    name: "clear",
    label: "Clear the mask",
    key: "Delete",
    obstacle: (_, region) => lock(region),
    run: (store, region) => {
      if (isEmpty(store.mask(region.id)))
        return refuse(store, `The mask of ${title(region)} is empty already.`);
      store.edit("clear", store.clearOps(region.id));
      return `The mask of ${title(region)} is empty.`;
    },
  },
  {
    name: "delete",
    label: "Delete the region",
    key: "Delete",
    modifier: "Shift",
    run: (store, region) => {
      store.removeRegion(region.id);
      return `${title(region)} is deleted.`;
    },
  },
];

/** Does it with the region, the active one if none is named; false if it cannot be done, which is then said. */
export function perform(store: Store, name: ActionName, id = store.active): boolean {
  const action = ACTIONS.find((one) => one.name === name) as Action;
  if (store.stroke) store.endStroke();
  const region = store.region(id);
  const obstacle = region ? action.obstacle?.(store, region) : "Choose a region first.";
  const said = region && !obstacle ? action.run(store, region) : refuse(store, obstacle ?? "");
  if (said !== null) store.tell({ did: said });
  return said !== null;
}

/** The action that a key stands for. Apple's keyboards have no Del but Backspace. */
export function actionFor(event: KeyboardEvent): Action | undefined {
  if (event.ctrlKey || event.metaKey) return undefined;
  const { key } = event;
  const wanted = key.length === 1 ? key.toLowerCase() : key === "Backspace" ? "Delete" : key;
  const letter = wanted.length === 1; // caps lock does not matter to letters, nor Shift to most
  return ACTIONS.find(
    ({ key, modifier }) =>
      key === wanted &&
      event.altKey === (modifier === "Alt") &&
      ((letter && !modifier) || event.shiftKey === (modifier === "Shift")),
  );
}

/** How people know a region. */
export function title({ name, prompt }: Region): string {
  const text = (name || prompt).trim();
  if (!text) return "The region without a prompt";
  return `"${isolate(shorten(text, LONG))}"`;
}

const LONG = 40;
const NOTHING_LEFT = "Nothing is left: the other regions cover the rest of the canvas.";

function refuse(store: Store, refused: string): null {
  store.tell({ refused });
  return null;
}

const below = (store: Store, region: Region) => store.regions[store.regions.indexOf(region) - 1];

/** The pen's rule: a locked region's mask stays as it is. */
const lock = (region: Region) => (region.locked ? `${title(region)} is locked. Unlock it first.` : "");

function move(store: Store, region: Region, step: 1 | -1): string {
  const place = store.regions.indexOf(region) + step;
  store.moveRegion(region.id, place);
  const count = store.regions.length;
  return `${title(region)} is number ${count - place} of ${count} from above.`;
}

function duplicate(store: Store, region: Region): string {
  const { id: _, ...settings } = region;
  const copy = newRegion({ ...settings, color: store.nextColor });
  const mask = store.mask(region.id);
  const index = store.regions.indexOf(region) + 1;
  const blank = emptyMask(mask.width, mask.height);
  // In a solo of the original its copy is meant to be seen as little as the others.
  store.edit("duplicate", [{ kind: "insert", region: copy, index }, ...maskOps(copy.id, blank, mask)]);
  return `${title(region)} has a copy, just above it.`;
}

function mergeObstacle(store: Store, region: Region): string {
  const lower = below(store, region);
  if (!lower) return `${title(region)} is the lowest region; there is none below to merge it into.`;
  return lock(region) || lock(lower);
}

/** What was seen stays seen: the lower region is shown if the upper one was, and is painted alone in its place. */
function merge(store: Store, region: Region): string {
  const lower = below(store, region) as Region;
  const masks = maskOps(lower.id, store.mask(lower.id), union(store.mask(region.id), store.mask(lower.id)));
  const shown: Op[] =
    region.visible && !lower.visible
      ? [{ kind: "fields", region: lower.id, before: { visible: false }, after: { visible: true } }]
      : [];
  const index = store.regions.indexOf(region);
  store.edit("merge", [
    ...masks,
    ...shown,
    ...(store.solo === region.id ? store.soloOps(lower.id) : []),
    ...store.clearOps(region.id),
    { kind: "remove", region, index },
  ]);
  store.set({ active: lower.id });
  return `${title(region)} is part of ${title(lower)} now.`;
}

function solo(store: Store, region: Region): string {
  const ends = store.solo === region.id;
  store.edit("solo", store.soloOps(ends ? "" : region.id));
  return ends ? "All visible regions are painted again." : `Only ${title(region)} is painted.`;
}

/** What the region covers, and all that no other visible region does. */
function rest(store: Store, region: Region): Mask {
  // A solo hides the others for a look; it does not take their places away.
  const others = store.regions.filter((other) => other.visible && other.id !== region.id);
  return filled(
    store.mask(region.id),
    others.map((other) => store.mask(other.id)),
  );
}

/** Another mask for a region, which is shown if it was not, as if the pen had drawn it. */
function draw(store: Store, label: string, region: Region, mask: Mask): void {
  store.edit(label, [...store.showOps(region), ...maskOps(region.id, store.mask(region.id), mask)]);
}
