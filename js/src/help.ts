// The list of keys.

import { COMMAND } from "./command";
import { type Endings, h, iconButton } from "./dom";
import type { Texts } from "./language";

type Line = Exclude<keyof Texts["keys"], "label" | "close">;

const KEYS: readonly (readonly [keys: string, what: Line])[] = [
  ["B E", "brushes"],
  ["[ ] , ;", "size"],
  ["Shift [ ]", "hardness"],
  ["R O", "shapes"],
  ["L", "lasso"],
  ["Backspace", "corner"],
  ["G", "bucket"],
  ["W", "magic"],
  ["Alt", "takeAway"],
  ["V", "transform"],
  ["I", "eyedropper"],
  ["H", "hand"],
  ["+ - 0", "zoom"],
  ["Shift 1", "pixels"],
  ["N", "newRegion"],
  ["1 … 9", "choose"],
  ["Enter", "prompt"],
  [".", "menu"],
  ["F2", "rename"],
  ["Alt ↑ ↓", "order"],
  ["C M", "copies"],
  ["T", "saveBrush"],
  ["A", "solo"],
  ["Shift H", "visible"],
  ["Shift L", "locked"],
  ["Shift C", "color"],
  ["F", "fill"],
  ["Shift I", "invert"],
  ["Del", "clear"],
  ["D", "details"],
  ["S", "settings"],
  ["P", "palette"],
  ["Y", "history"],
  ["X", "masks"],
  ["Shift X", "opacity"],
  ["#", "grid"],
  ["Z", "fullScreen"],
  ["K", "pause"],
  ["U", "variations"],
  [`${COMMAND} Z`, "undo"],
  [`Shift ${COMMAND} Z`, "redo"],
  [`${COMMAND} Enter`, "regenerate"],
  [`${COMMAND} S`, "save"],
  [`${COMMAND} O`, "open"],
  ["Esc", "cancel"],
  ["Arrows Space", "byKeys"],
  ["J", "surprise"],
  ["Tab", "tab"],
  ["← → ↑ ↓", "within"],
  ["?", "help"],
];

/** A card over the canvas; `close` gives the focus back. */
export function help({ keys: texts, key: capOf }: Texts, close: () => void): HTMLElement {
  const button = iconButton({
    icon: "close",
    label: texts.close,
    key: "Esc",
    cap: capOf("Esc"),
    click: close,
  });
  const list = h("dl", "keys");
  for (const [keys, what] of KEYS) {
    const caps = keys.split(" ").map((key) => (key === "…" ? key : h("kbd", "key", {}, capOf(key))));
    list.append(h("dt", "", {}, ...caps), h("dd", "", {}, texts[what]));
  }
  const element = h("div", "help", {
    role: "dialog",
    "aria-modal": "true",
    "aria-label": texts.label,
    hidden: true,
  });
  element.append(h("div", "panel-head", {}, h("h3", "panel-title", {}, texts.label), button), list);
  return element;
}

/** Shortcuts of browsers, too, that would do something to the page or the drawing. */
const OURS = /^([a-z]|Enter|Delete|Backspace)$/i;

/**
 * While the card is open its own keys alone act, wherever in the view the focus is; those that scroll are the browser's.
 * A press beside the card closes it.
 */
export function modal(root: HTMLElement, card: HTMLElement, endings: Endings, close: () => void): void {
  const keyDown = (event: KeyboardEvent) => {
    if (card.hidden) return;
    event.stopPropagation();
    const { key, target } = event;
    const inside = card.contains(target as Node);
    if (key === "Escape" || key === "?") close();
    else if (key === "Tab" || !inside) card.querySelector("button")?.focus({ preventScroll: true });
    else if (key === "Enter" && !(event.ctrlKey || event.metaKey)) return;
    else if (!OURS.test(key) || (/^[crt]$/i.test(key) && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
  };
  endings.listen<"keydown">(root, "keydown", keyDown, { capture: true });
  const pressed = ({ target }: Event) => {
    const beside = target instanceof Element && !card.contains(target);
    if (!card.hidden && beside && !target.closest("[data-testid=sd-help]")) card.hidden = true;
  };
  endings.listen(root, "pointerdown", pressed, { capture: true });
}
