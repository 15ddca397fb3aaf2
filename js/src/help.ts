// The list of keys.

import { COMMAND } from "./command";
import { h, iconButton } from "./dom";

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["B E", "brush, eraser"],
  ["[ ]", "smaller, larger brush"],
  ["R O", "rectangle, ellipse; with Shift square, circle"],
  ["L", "lasso: draw, or click corners and press Enter"],
  ["G", "bucket: fill a free area"],
  ["W", "magic select: similar color in the picture"],
  ["Alt", "held down, a shape takes away"],
  ["V", "move, scale, rotate the region; arrows, [ ], Alt ← →; Enter applies"],
  ["I", "choose the region under the pointer; or Alt-click"],
  ["H", "move the view; or hold Space and drag"],
  ["+ - 0", "zoom in, out, show all; or Ctrl and the wheel"],
  ["Shift 1", "a pixel of the screen to each of the canvas"],
  ["N", "new region"],
  ["1 … 9", "choose a region"],
  ["Enter", "edit its prompt"],
  [".", "its menu"],
  ["Alt ↑ ↓", "move its row up, down"],
  ["C M", "duplicate it, merge it down"],
  ["T", "save its prompt and settings as a brush"],
  ["A", "paint only it; again: all as before"],
  ["F", "give it all that is left"],
  ["Shift I", "invert its mask"],
  ["Del", "clear its mask; with Shift delete it"],
  ["D", "its details"],
  ["S", "settings of the picture"],
  ["P", "palette of ready words"],
  ["Y", "history of finished pictures"],
  ["X", "keep the masks in sight"],
  ["#", "grid"],
  ["Z", "full screen"],
  ["K", "pause painting, and go on"],
  ["U", "four variations to choose from"],
  [`${COMMAND} Z`, "undo"],
  [`Shift ${COMMAND} Z`, "redo"],
  [`${COMMAND} Enter`, "paint again"],
  [`${COMMAND} S`, "save as .sdraw"],
  [`${COMMAND} O`, "open a drawing; or drop or paste its file, or a picture"],
  ["Esc", "take back the stroke, shape or transform"],
  ["Arrows, Space", "move and press the tool"],
  ["J", "surprise me: a random scene"],
  ["Tab", "on to the toolbar, the regions, the settings"],
  ["← → ↑ ↓", "within the toolbar, the palette, a menu"],
  ["?", "this list"],
];

/** A card over the canvas; `close` gives the focus back. */
export function help(close: () => void): HTMLElement {
  const button = iconButton({ icon: "close", label: "Close", key: "Esc", click: close });
  const list = h("dl", "keys");
  for (const [keys, what] of KEYS) {
    const caps = keys
      .split(" ")
      .map((key) => (key === "…" ? key : h("kbd", "key", {}, key.replace(",", ""))));
    list.append(h("dt", "", {}, ...caps), h("dd", "", {}, what));
  }
  const element = h("div", "help", {
    role: "dialog",
    "aria-modal": "true",
    "aria-label": "Keys",
    hidden: true,
  });
  element.append(h("div", "panel-head", {}, h("h3", "panel-title", {}, "Keys"), button), list);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Tab") event.preventDefault(); // the only button keeps the focus
    if (event.key !== "Escape" && event.key !== "?") return;
    event.stopPropagation();
    close();
  });
  return element;
}
