// The tools above the canvas.

import { perform } from "./actions";
import { COMMAND } from "./command";
import { type Endings, h, iconButton, rovingFocus, setAttributes } from "./dom";
import type { FileMenu } from "./filemenu";
import { toolbarOpacity } from "./opacity";
import type { Overlay } from "./overlay";
import type { Store } from "./store";
import { HANDS, SHAPES, toolGroup } from "./toolgroup";

export function toolbar(
  store: Store,
  overlay: Overlay,
  endings: Endings,
  files: FileMenu,
  options: HTMLElement,
  help: () => void,
): HTMLElement {
  const { toolbar: texts, key: capOf } = store.texts;
  const tool = (which: "brush" | "eraser", key: string) =>
    iconButton({
      icon: which,
      label: texts[which],
      key,
      testId: `sd-${which}`,
      click: () => store.set({ tool: which }),
    });
  const brush = tool("brush", "B");
  const eraser = tool("eraser", "E");

  const undo = iconButton({
    icon: "undo",
    label: texts.undo(""),
    key: `${COMMAND}+Z`,
    testId: "sd-undo",
    click: () => store.undo(),
  });
  const redo = iconButton({
    icon: "redo",
    label: texts.redo(""),
    key: `Shift+${COMMAND}+Z`,
    testId: "sd-redo",
    click: () => store.redo(),
  });
  const clear = iconButton({
    icon: "clear",
    label: texts.clear,
    key: "Del",
    cap: capOf("Del"),
    testId: "sd-clear",
    classes: "clear",
    click: () => perform(store, "clear"),
  });
  const masks = iconButton({
    icon: "masks",
    label: texts.masks,
    key: "X",
    testId: "sd-masks",
    click: () => store.set({ pinned: !store.pinned }),
  });
  const regenerate = iconButton({
    icon: "regenerate",
    label: texts.regenerate,
    key: `${COMMAND}+Enter`,
    cap: capOf(`${COMMAND}+Enter`),
    testId: "sd-regenerate",
    click: () => store.ask("regenerate"),
  });
  const surprise = iconButton({
    icon: "surprise",
    label: texts.surprise,
    key: "J",
    testId: "sd-surprise",
    click: () => store.ask("surprise"),
  });
  const keys = iconButton({ icon: "help", label: texts.keys, key: "?", testId: "sd-help", click: help });

  const element = h(
    "div",
    "toolbar",
    { role: "toolbar", "aria-label": texts.label },
    h(
      "div",
      "group",
      {},
      brush,
      eraser,
      toolGroup(texts.shapes, "sd-shapes", SHAPES, store, endings),
      toolGroup(texts.hands, "sd-hands", HANDS, store, endings),
    ),
    options,
    h("div", "group", {}, undo, redo, clear),
    h("div", "group group-masks", {}, masks, toolbarOpacity(store, overlay, endings)),
    h("div", "group group-end", {}, surprise, regenerate, files.button, keys),
    files.input,
  );
  rovingFocus(element);

  const names: Readonly<Record<string, string>> = store.texts.edits;
  const nameOf = (edit: string | null) => names[edit ?? ""] ?? edit ?? "";
  const show = () => {
    setAttributes(brush, { "aria-pressed": String(store.tool === "brush") });
    setAttributes(eraser, { "aria-pressed": String(store.tool === "eraser") });
    setAttributes(masks, { "aria-pressed": String(store.pinned) });
    element.style.setProperty("--sd-color", store.region(store.active)?.color ?? "transparent");
    const { undoLabel, redoLabel } = store.history;
    undo.disabled = undoLabel === null && !store.stroke?.waits;
    redo.disabled = redoLabel === null;
    undo.title = `${texts.undo(nameOf(undoLabel))} (${capOf(`${COMMAND}+Z`)})`;
    redo.title = `${texts.redo(nameOf(redoLabel))} (${capOf(`Shift+${COMMAND}+Z`)})`;
    clear.disabled = !store.region(store.active);
    setAttributes(regenerate, { disabled: store.kernel === "gone" });
    surprise.hidden = !store.hasWords;
    surprise.disabled = store.kernel === "gone";
  };
  endings.add(
    store.on("ui", show),
    store.on("history", show),
    store.on("stroke", show),
    store.on("regions", show),
    store.on("status", show),
    store.on("words", show),
    store.on("values", show),
  );
  show();
  return element;
}
