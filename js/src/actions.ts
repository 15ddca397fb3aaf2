// What can be done with a region as a whole, from its menu and by keys: each action is one step of undo, says what
// it did, or why it cannot be done. semanticdraw_widget/region_actions.py does the same from Python.

import { brushObstacle, saveBrush } from "./brushfile";
import { maskOps, type Op } from "./history";
import type { EditName } from "./language";
import { differingBox, emptyMask, isEmpty, type Mask } from "./mask";
import { filled, inverted, union } from "./maskops";
import { COLOR_NAMES, colorAfter } from "./palette";
import { MAX_REGIONS, newRegion, type Region } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";

export type ActionName =
  | "up"
  | "down"
  | "duplicate"
  | "brush"
  | "merge"
  | "solo"
  | "visible"
  | "locked"
  | "color"
  | "fill"
  | "invert"
  | "clear"
  | "delete";

export interface Action {
  readonly name: ActionName;
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
    key: "ArrowUp",
    modifier: "Alt",
    obstacle: (store, region) =>
      store.regions.at(-1)?.id === region.id ? store.texts.acted.uppermost(title(store, region)) : "",
    run: (store, region) => move(store, region, 1),
  },
  {
    name: "down",
    key: "ArrowDown",
    modifier: "Alt",
    obstacle: (store, region) => (below(store, region) ? "" : store.texts.acted.lowest(title(store, region))),
    run: (store, region) => move(store, region, -1),
  },
  {
    name: "duplicate",
    key: "c",
    obstacle: (store) => (store.regions.length < MAX_REGIONS ? "" : store.texts.acted.tooMany(MAX_REGIONS)),
    run: duplicate,
  },
  {
    name: "brush",
    key: "t",
    obstacle: brushObstacle,
    run: (store, region) => store.texts.acted.brushSaved(saveBrush(store, region)),
  },
  {
    name: "merge",
    key: "m",
    obstacle: mergeObstacle,
    run: merge,
  },
  {
    name: "solo",
    key: "a",
    on: (store, region) => store.solo === region.id,
    run: solo,
  },
  {
    name: "visible",
    key: "h",
    modifier: "Shift", // the letters alone are tools, and to duplicate
    on: (store, region) => store.shows(region),
    run: (store, region) => {
      const shown = !store.shows(region);
      store.setVisible(region.id, shown);
      return store.texts.acted[shown ? "shown" : "hidden"](title(store, region));
    },
  },
  {
    name: "locked",
    key: "l",
    modifier: "Shift",
    on: (_, region) => region.locked,
    run: (store, region) => {
      store.updateRegion(region.id, { locked: !region.locked });
      return store.texts.acted[region.locked ? "unlocked" : "locked"](title(store, region));
    },
  },
  {
    name: "color",
    key: "c",
    modifier: "Shift",
    run: recolor,
  },
  {
    name: "fill",
    key: "f",
    obstacle: lock,
    run: (store, region) => {
      const mask = rest(store, region);
      if (!differingBox(mask, store.mask(region.id))) return refuse(store, store.texts.acted.nothingLeft);
      draw(store, "fill", region, mask);
      return store.texts.acted.filled(title(store, region));
    },
  },
  {
    name: "invert",
    key: "i",
    modifier: "Shift", // the letter alone is the eyedropper
    obstacle: lock,
    run: (store, region) => {
      draw(store, "invert", region, inverted(store.mask(region.id)));
      return store.texts.acted.inverted(title(store, region));
    },
  },
  {
    name: "clear",
    key: "Delete",
    obstacle: lock,
    run: (store, region) => {
      if (isEmpty(store.mask(region.id)))
        return refuse(store, store.texts.acted.emptyAlready(title(store, region)));
      store.edit("clear", store.clearOps(region.id));
      return store.texts.acted.cleared(title(store, region));
    },
  },
  {
    name: "delete",
    key: "Delete",
    modifier: "Shift",
    run: (store, region) => {
      store.removeRegion(region.id);
      return store.texts.acted.deleted(title(store, region));
    },
  },
];

/** Does it with the region, the active one if none is named; false if it cannot be done, which is then said. */
export function perform(store: Store, name: ActionName, id = store.active): boolean {
  const action = ACTIONS.find((one) => one.name === name) as Action;
  if (store.stroke) store.endStroke();
  const region = store.region(id);
  const obstacle = region ? action.obstacle?.(store, region) : store.texts.acted.choose;
  const said = region && !obstacle ? action.run(store, region) : refuse(store, obstacle ?? "");
  if (said !== null) store.tell({ did: said });
  return said !== null;
}

/** The action that a key stands for. Apple's keyboards have no Del but Backspace. */
export function actionFor(event: KeyboardEvent): Action | undefined {
  if (event.ctrlKey || event.metaKey) return undefined;
  const { key } = event;
  const wanted = key.length === 1 ? key.toLowerCase() : key === "Backspace" ? "Delete" : key;
  const known = ACTIONS.filter((one) => one.key === wanted && event.altKey === (one.modifier === "Alt"));
  // Caps lock does not matter to letters, nor does Shift to those that stand for one thing alone.
  const letter = wanted.length === 1;
  return (
    known.find(({ modifier }) => event.shiftKey === (modifier === "Shift")) ??
    known.find(({ modifier }) => letter && !modifier)
  );
}

function refuse(store: Store, refused: string): null {
  store.tell({ refused });
  return null;
}

const below = (store: Store, region: Region) => store.regions[store.regions.indexOf(region) - 1];

/** The pen's rule: a locked region's mask stays as it is. */
function lock(store: Store, region: Region): string {
  return region.locked ? store.texts.regions.locked(title(store, region)) : "";
}

function move(store: Store, region: Region, step: 1 | -1): string {
  const place = store.regions.indexOf(region) + step;
  store.moveRegion(region.id, place);
  const count = store.regions.length;
  return store.texts.acted.moved(title(store, region), count - place, count);
}

function duplicate(store: Store, region: Region): string {
  const { id: _, ...settings } = region;
  const copy = newRegion({ ...settings, color: store.nextColor });
  const mask = store.mask(region.id);
  const index = store.regions.indexOf(region) + 1;
  const blank = emptyMask(mask.width, mask.height);
  // In a solo of the original its copy is meant to be seen as little as the others.
  store.edit("duplicate", [{ kind: "insert", region: copy, index }, ...maskOps(copy.id, blank, mask)]);
  return store.texts.acted.duplicated(title(store, region));
}

function mergeObstacle(store: Store, region: Region): string {
  const lower = below(store, region);
  if (!lower) return store.texts.acted.noneBelow(title(store, region));
  return lock(store, region) || lock(store, lower);
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
  return store.texts.acted.merged(title(store, region), title(store, lower));
}

function solo(store: Store, region: Region): string {
  const ends = store.solo === region.id;
  store.edit("solo", store.soloOps(ends ? "" : region.id));
  return ends ? store.texts.acted.together : store.texts.acted.alone(title(store, region));
}

/** The next color that no other region has. Going on to a further one is one step of undo with it. */
function recolor(store: Store, region: Region): string {
  const others = store.regions.filter((other) => other.id !== region.id);
  const color = colorAfter(
    region.color,
    others.map((other) => other.color),
  );
  store.updateRegion(region.id, { color }, true);
  return store.texts.acted.recolored(title(store, region), store.texts.colors[COLOR_NAMES[color]]);
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
function draw(store: Store, label: EditName, region: Region, mask: Mask): void {
  store.edit(label, [...store.showOps(region), ...maskOps(region.id, store.mask(region.id), mask)]);
}
