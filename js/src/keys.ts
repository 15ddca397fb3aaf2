// Keys that mean the same everywhere in a view, but for those that the field in focus needs: see typing.ts.

import { actionFor, perform } from "./actions";
import { harden } from "./brushtip";
import { togglePalette } from "./concepts";
import type { Endings } from "./dom";
import { togglePause } from "./pause";
import type { Store } from "./store";
import { afterBrowser, isCommand, isWritten, keepsKey, watchTyping } from "./typing";
import { vary } from "./variationstrip";
import { toggleView } from "./viewmenu";
import { ZOOM_STEP } from "./viewport";

interface Actions {
  newRegion: () => void;
  editPrompt: () => void;
  /** Edits the name of the active region. */
  rename: () => void;
  /** Opens the menu of the active region. */
  menu: () => void;
  help: () => void;
  /** Lets a person choose a file to open. */
  open: () => void;
  fullScreen: () => void;
  /** Unfolds the history strip, and folds it. */
  history: () => void;
  /** Takes back what the hand has begun. */
  cancel: () => void;
  zoom: (to: number | "fit" | "pixels") => void;
  /** Leads to the opacity of the masks. */
  opacity: () => void;
}

export function keys(root: HTMLElement, store: Store, endings: Endings, actions: Actions): void {
  const smaller = () => store.set({ brush: Math.min(store.brush - 1, store.brush / 1.15) });
  const larger = () => store.set({ brush: Math.max(store.brush + 1, store.brush * 1.15) });
  const plain: Record<string, () => void> = {
    b: () => store.set({ tool: "brush" }),
    e: () => store.set({ tool: "eraser" }),
    r: () => store.set({ tool: "rectangle" }),
    o: () => store.set({ tool: "ellipse" }),
    l: () => store.set({ tool: "lasso" }),
    g: () => store.set({ tool: "bucket" }),
    w: () => store.set({ tool: "magic" }),
    v: () => store.set({ tool: "transform" }),
    i: () => store.set({ tool: "eyedropper" }),
    h: () => store.set({ tool: "hand" }),
    "+": () => actions.zoom(ZOOM_STEP),
    "=": () => actions.zoom(ZOOM_STEP),
    "-": () => actions.zoom(1 / ZOOM_STEP),
    "0": () => actions.zoom("fit"),
    "[": smaller,
    "]": larger,
    // These two lie within easy reach on every keyboard.
    ",": smaller,
    ";": larger,
    "{": () => harden(store, -1),
    "}": () => harden(store, 1),
    x: () => store.set({ pinned: !store.pinned }),
    n: actions.newRegion,
    j: () => store.hasWords && store.ask("surprise"),
    d: () => store.set({ details: !store.details }),
    s: () => store.set({ settings: !store.settings }),
    p: () => store.hasPalette && togglePalette(store),
    k: () => togglePause(store),
    u: () => vary(store),
    z: actions.fullScreen,
    "#": () => toggleView(store, "grid"),
    y: actions.history,
    Enter: actions.editPrompt,
    ".": actions.menu,
    "?": actions.help,
    Escape: actions.cancel,
  };
  const withCommand: Record<string, (event: KeyboardEvent) => void> = {
    z: (event) => (event.shiftKey ? store.redo() : store.undo()),
    y: () => store.redo(),
  };
  // Also while one types a prompt: there, too, the host would save something else than the drawing.
  const everywhere: Record<string, () => void> = {
    Enter: () => store.ask("regenerate"),
    s: () => store.ask({ save: "sdraw" }),
    o: actions.open,
  };

  const isTyped = watchTyping(root, endings);
  const actionOf = (event: KeyboardEvent): ((event: KeyboardEvent) => void) | undefined => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (isCommand(event)) {
      if (everywhere[key] && (key === "Enter" || !(event.shiftKey || event.altKey)))
        return event.repeat && key !== "Enter" ? () => {} : everywhere[key];
      const action = withCommand[key];
      if (!action || !isTyped(event)) return action;
      afterBrowser(event, () => action(event));
      return undefined;
    }
    if (key === "F2" && !event.altKey && !event.shiftKey) return actions.rename;
    if (keepsKey(event) || onButton(event)) return undefined;
    if (event.altKey && !isWritten(event)) return regionAction(store, event);
    return shifted(store, event, actions) ?? plain[key] ?? regionAction(store, event) ?? chooser(store, key);
  };
  endings.listen(root, "keydown", (event) => {
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action(event);
  });
}

/** What the keys of the region's menu do without it. Held down, a key does it once. */
function regionAction(store: Store, event: KeyboardEvent): (() => void) | undefined {
  const action = actionFor(event);
  return action && (() => void (event.repeat || perform(store, action.name)));
}

/** 1 to 9, as the list shows the regions: the uppermost first. */
function chooser(store: Store, key: string): (() => void) | undefined {
  if (!/^[1-9]$/.test(key)) return undefined;
  const region = store.regions.at(-Number(key));
  return region && store.regions.length >= Number(key) ? () => store.set({ active: region.id }) : undefined;
}

/** What keys stand for that are something else without Shift. */
function shifted(store: Store, event: KeyboardEvent, { zoom, opacity }: Actions): (() => void) | undefined {
  if (!event.shiftKey) return undefined;
  // Not every keyboard writes braces with Shift.
  if (event.key === "[") return () => harden(store, -1);
  if (event.key === "]") return () => harden(store, 1);
  // On some keyboards Shift writes the digit.
  if (event.code === "Digit1" && event.key !== "1") return () => zoom("pixels");
  if (event.key.toLowerCase() === "x") return opacity;
  return regionAction(store, event);
}

/** Enter presses the button that has the focus, or opens the choice of a color. */
const onButton = ({ key, target }: KeyboardEvent) =>
  key === "Enter" &&
  (target instanceof HTMLButtonElement || (target instanceof HTMLInputElement && target.type === "color"));
