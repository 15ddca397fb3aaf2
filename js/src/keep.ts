// A drawing that outlives its kernel, its page and its cell's output: what was drawn by hand is kept in the browser's
// own storage, and a later canvas of the same notebook offers it back.

import { merged, readBrushes } from "./brushes";
import { Emitter } from "./emitter";
import { whenIdle } from "./idle";
import { emptyMask, isEmpty, type Mask, pack, unpack } from "./mask";
import type { Model } from "./model";
import { newId, newRegion, type Region, sameRegion, VALUES, type Values } from "./scene";
import { keysOf, PREFIX, put, remove } from "./shelf";
import type { Store } from "./store";

/** What is kept of a drawing. Masks are SDM1 bytes in base64. */
export interface Kept {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly size: readonly [number, number];
  readonly values: Partial<Values>;
  readonly regions: readonly { readonly fields: Omit<Region, "id">; readonly mask: string }[];
}

/** Drawings kept of one notebook, and of all. A browser's storage holds 5 MB, most often. */
const MOST_HERE = 4;
const MOST = 24;
/** Drawing goes on while it is kept, so not with every point of the pen, and not in one piece. */
const EVERY_MS = 800;
const TOLD = "semanticdraw-kept";

/** Each widget loads this module anew, so what they share hangs on the page: the canvases on it, with their views. */
const page = globalThis as { semanticdrawShown?: Map<string, number> };
page.semanticdrawShown ??= new Map();
const shown = page.semanticdrawShown;

export class Keeper extends Emitter<{ offer: undefined }> {
  /** A drawing from before, of the same size, that is not the one here. */
  offer: Kept | null = null;
  /** Somebody has drawn here. */
  touched = false;

  private readonly id: string;
  private readonly prefix: string;
  private readonly masks = new Map<string, string>();
  private readonly endings: (() => void)[] = [];
  private waiting: (() => void) | null = null;
  private size: string;
  private told = false;
  /** There is a place for this drawing among those that are kept. */
  private counted = false;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
    notebook: string,
  ) {
    super();
    this.id = String(model.get("canvas_id") || newId());
    this.prefix = `${PREFIX}${notebook}|`;
    this.size = store.size.join();
    this.setAside();
    this.endings.push(
      store.on("edited", () => {
        if (!this.touched) this.offered();
        this.touched = true;
        this.soon();
      }),
      store.on("regions", () => this.soon()),
      store.on("mask", ({ region }) => {
        this.masks.delete(region);
        this.soon();
      }),
      store.on("values", () => {
        this.soon();
        if (this.size !== store.size.join()) this.look();
        this.size = store.size.join();
      }),
      store.on("heard", ({ type }) => type === "bring_back" && this.bringBack()),
    );
    const look = () => this.look();
    globalThis.addEventListener?.(TOLD, look);
    this.endings.push(() => globalThis.removeEventListener?.(TOLD, look));
  }

  dispose(): void {
    this.write();
    for (const end of this.endings) end();
  }

  /** The canvas is on the page; gives back what to call when it is not. */
  addView(): () => void {
    shown.set(this.id, (shown.get(this.id) ?? 0) + 1);
    tell();
    return () => {
      this.write();
      const left = (shown.get(this.id) ?? 1) - 1;
      if (left) shown.set(this.id, left);
      else shown.delete(this.id);
      tell();
    };
  }

  /** The offered drawing takes the place of what is here: one step of undo. */
  bringBack(): void {
    const { offer, store } = this;
    if (!offer) return;
    const parts = offer.regions.map(({ fields, mask }) => ({ fields, mask: maskOf(mask, offer.size) }));
    // Brushes are a person's own: those of the drawing come beside what is here.
    const values = { ...offer.values, brushes: merged(store.brushes, offer.values.brushes ?? []) };
    store.load({ background: offer.values.background ?? "", regions: parts }, values, "kept drawing");
    // The other copy goes once there is this one.
    if (this.write(this.prefix + offer.id)) this.dismiss();
    else tell();
    store.tell({ did: store.texts.kept.isBack });
  }

  /** Nobody wants the offered drawing. */
  dismiss(): void {
    if (this.offer) remove(this.prefix + this.offer.id);
    tell();
  }

  /** Keeps what is here, at once; whether it is kept. first: what gives way before all else. */
  write(first = ""): boolean {
    this.waiting?.();
    this.waiting = null;
    // What no kernel holds is kept too, though nobody drew on it here: it comes from a notebook's file, say.
    if (!this.touched && this.store.kernel !== "gone") return false;
    const drawing = this.drawing();
    if (drawing.regions.length === 0 && !drawing.values.background) {
      remove(this.prefix + this.id);
      return false;
    }
    const kept = put(this.prefix + this.id, JSON.stringify(drawing), age, first);
    if (kept && !this.counted) for (const key of this.surplus()) remove(key);
    this.counted ||= kept;
    return kept;
  }

  // ------------------------------------------------------------ what is offered

  private look(): void {
    const found = keysOf(this.prefix, age)
      .map(read)
      .find((kept) => kept && !shown.has(kept.id) && kept.size.join() === this.store.size.join());
    const offer = found && !this.holds(found) ? found : null;
    if (offer?.id === this.offer?.id && offer?.at === this.offer?.at) return;
    this.offer = offer;
    this.offered();
  }

  private offered(): void {
    this.emit("offer", undefined);
    const { offer, model } = this;
    if (!offer && !this.told) return;
    this.told = offer !== null;
    const prompts = offer?.regions.map(({ fields }) => fields.prompt).filter(Boolean) ?? [];
    try {
      model.set("kept", offer ? { regions: offer.regions.length, prompts, at: offer.at } : {});
      model.save_changes();
    } catch {
      // The kernel is away; a canvas that comes back with it tells again.
    }
  }

  /** What this canvas kept and does not hold now, as when the kernel never got it, is offered like another one's. */
  private setAside(): void {
    const own = read(this.prefix + this.id);
    if (!own) return;
    if (this.holds(own)) {
      this.touched = true;
      return;
    }
    const id = `${this.id}.${own.at}`;
    // First, since there may be no room for both.
    remove(this.prefix + this.id);
    put(this.prefix + id, JSON.stringify({ ...own, id }), age);
  }

  private holds({ values, regions }: Kept): boolean {
    const here = this.drawing();
    return (
      // One that an older version kept says nothing of what has come since.
      VALUES.every((key) => key === "solo" || (values[key] ?? here.values[key]) === here.values[key]) &&
      regions.length === here.regions.length &&
      regions.every((region, i) => {
        const other = here.regions[i] as Kept["regions"][number];
        return region.mask === other.mask && sameRegion(region.fields as Region, other.fields as Region);
      })
    );
  }

  private drawing(): Kept {
    const { store } = this;
    const regions = store.regions.map(({ id, ...fields }) => {
      return { fields, mask: this.text(id) };
    });
    const values = Object.fromEntries(VALUES.map((key) => [key, store[key]])) as Partial<Values>;
    const brushes = store.brushes.length ? { brushes: store.brushes } : {};
    // The id of a region is another one when it is back.
    return {
      id: this.id,
      at: Date.now(),
      size: store.size,
      values: { ...values, ...brushes, solo: "" },
      regions,
    };
  }

  /** A region's mask as it is kept. */
  private text(region: string): string {
    const text = this.masks.get(region) ?? base64(pack(this.store.mask(region)));
    this.masks.set(region, text);
    return text;
  }

  private soon(): void {
    if (!this.touched || this.waiting) return;
    const timer = setTimeout(() => {
      this.waiting = this.writeInSteps();
    }, EVERY_MS);
    this.waiting = () => clearTimeout(timer);
  }

  /** Writes when the browser has time, each mask by itself; gives back what stops that. */
  private writeInSteps(): () => void {
    const regions = this.store.regions.map(({ id }) => id);
    return whenIdle(() => {
      const next = regions.pop();
      if (next === undefined) this.write();
      else if (this.store.region(next)) this.text(next);
      return next !== undefined;
    });
  }

  /** Drawings for which there is no room beside this one. */
  private surplus(): string[] {
    const own = this.prefix + this.id;
    const others = keysOf(PREFIX, age).filter((key) => key !== own);
    const here = others.filter((key) => key.startsWith(this.prefix));
    return [...new Set([...here.slice(MOST_HERE - 1), ...others.slice(MOST - 1)])];
  }
}

function tell(): void {
  globalThis.dispatchEvent?.(new Event(TOLD));
}

const age = (key: string) => read(key)?.at ?? 0;

/** null for what is not there, or not of this version of the canvas. */
function read(key: string): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    const sound =
      typeof kept?.id === "string" && typeof kept.at === "number" && kept.size?.length === 2 && kept.values;
    if (!sound || !Array.isArray(kept.regions)) return null;
    const regions = kept.regions.map(({ fields, mask }: { fields: Partial<Region>; mask: string }) => {
      const { id: _, ...rest } = newRegion(fields);
      return { fields: rest, mask: String(mask) };
    });
    const { brushes, ...values } = kept.values;
    return { ...kept, values: brushes ? { ...values, brushes: readBrushes(brushes) } : values, regions };
  } catch {
    return null;
  }
}

function maskOf(text: string, [width, height]: readonly [number, number]): Mask {
  try {
    const mask = unpack(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
    if (mask.width === width && mask.height === height && !isEmpty(mask)) return mask;
  } catch {
    // damaged: the region is there all the same, to be painted again
  }
  return emptyMask(width, height);
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
