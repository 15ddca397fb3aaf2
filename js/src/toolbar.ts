// The tools above the canvas.

import { perform } from "./actions";
import { COMMAND } from "./command";
import { type Endings, h, iconButton, rovingFocus, setAttributes, slider } from "./dom";
import type { FileMenu } from "./filemenu";
import type { Overlay } from "./overlay";
import { shapeButtons } from "./shapebar";
import type { Store, Tool } from "./store";

export function toolbar(
  store: Store,
  overlay: Overlay,
  endings: Endings,
  files: FileMenu,
  help: () => void,
): HTMLElement {
  const tool = (which: Tool, label: string, key: string) =>
    iconButton({ icon: which, label, key, testId: `sd-${which}`, click: () => store.set({ tool: which }) });
  const brush = tool("brush", "Brush", "B");
  const eraser = tool("eraser", "Eraser", "E");

  const number = h("output", "number size-number", { "aria-hidden": "true" });
  // The scale is one of proportions: small brushes need finer steps than large ones.
  const size = slider({
    label: "Brush size",
    min: 0,
    max: 100,
    step: 1,
    testId: "sd-size",
    text: () => `${store.brush} px`,
    input: (share) => store.set({ brush: store.maxBrush ** (share / 100) }),
  });
  const undo = iconButton({
    icon: "undo",
    label: "Undo",
    key: `${COMMAND}+Z`,
    testId: "sd-undo",
    click: () => store.undo(),
  });
  const redo = iconButton({
    icon: "redo",
    label: "Redo",
    key: `Shift+${COMMAND}+Z`,
    testId: "sd-redo",
    click: () => store.redo(),
  });
  const clear = iconButton({
    icon: "clear",
    label: "Clear the region's mask",
    key: "Del",
    testId: "sd-clear",
    click: () => perform(store, "clear"),
  });
  const masks = iconButton({
    icon: "masks",
    label: "Keep the masks in sight",
    key: "X",
    testId: "sd-masks",
    click: () => store.set({ pinned: !store.pinned }),
  });
  const opacity = slider({
    label: "Opacity of the masks",
    min: 0,
    max: 100,
    step: 1,
    testId: "sd-opacity",
    text: (value) => `${value} %`,
    input: (percent) => {
      store.set({ opacity: percent / 100 });
      overlay.hold(1200);
    },
  });
  const regenerate = iconButton({
    icon: "regenerate",
    label: "Paint again",
    key: `${COMMAND}+Enter`,
    testId: "sd-regenerate",
    click: () => store.ask("regenerate"),
  });
  const surprise = iconButton({
    icon: "surprise",
    label: "Surprise me: a random scene",
    testId: "sd-surprise",
    click: () => store.ask("surprise"),
  });
  const keys = iconButton({ icon: "help", label: "Keys", key: "?", testId: "sd-help", click: help });

  const element = h(
    "div",
    "toolbar",
    { role: "toolbar", "aria-label": "Tools" },
    h("div", "group", {}, brush, eraser, shapeButtons(store, endings)),
    h("div", "group group-size", {}, size.element, number),
    h("div", "group", {}, undo, redo, clear),
    h("div", "group group-masks", {}, masks, opacity.element),
    h("div", "group group-end", {}, surprise, regenerate, files.button, keys),
    files.input,
  );
  rovingFocus(element);

  const show = () => {
    setAttributes(brush, { "aria-pressed": String(store.tool === "brush") });
    setAttributes(eraser, { "aria-pressed": String(store.tool === "eraser") });
    setAttributes(masks, { "aria-pressed": String(store.pinned) });
    const share = (Math.log(store.brush) / Math.log(store.maxBrush)) * 100;
    size.set(share);
    opacity.set(Math.round(store.opacity * 100));
    number.textContent = String(store.brush);
    element.style.setProperty("--sd-color", store.region(store.active)?.color ?? "transparent");
    const { undoLabel, redoLabel } = store.history;
    undo.disabled = undoLabel === null;
    redo.disabled = redoLabel === null;
    undo.title = `Undo${undoLabel ? ` ${undoLabel}` : ""} (${COMMAND}+Z)`;
    redo.title = `Redo${redoLabel ? ` ${redoLabel}` : ""} (Shift+${COMMAND}+Z)`;
    clear.disabled = !store.region(store.active);
    setAttributes(regenerate, { disabled: store.kernel === "gone" });
    surprise.hidden = !store.hasWords;
    surprise.disabled = store.kernel === "gone";
  };
  endings.add(
    store.on("ui", show),
    store.on("history", show),
    store.on("regions", show),
    store.on("status", show),
    store.on("words", show),
    store.on("values", show),
  );
  show();
  return element;
}
