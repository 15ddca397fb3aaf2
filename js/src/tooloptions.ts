// What can be set for the tool in hand, all in one place of the toolbar: the brush's size, the tolerance of the magic
// select, or what becomes of a transform. brushtip.ts has the rest about the brush.

import { brushTip, sizeSlider } from "./brushtip";
import { type Endings, h, iconButton, slider } from "./dom";
import type { Store } from "./store";
import type { Transformer } from "./transformer";

const MAX_TOLERANCE = 255;

export function toolOptions(store: Store, endings: Endings, transformer: Transformer): HTMLElement {
  const { toolbar: texts, key: capOf } = store.texts;
  const number = h("output", "number size-number", { "aria-hidden": "true" });
  const size = sizeSlider(store, "sd-size");
  const tolerance = slider({
    label: texts.tolerance,
    min: 0,
    max: MAX_TOLERANCE,
    step: 1,
    testId: "sd-tolerance",
    input: (value) => store.set({ tolerance: value }),
  });
  const apply = iconButton({
    icon: "apply",
    label: texts.apply,
    key: "Enter",
    cap: capOf("Enter"),
    testId: "sd-apply",
    click: () => transformer.apply(),
  });
  const cancel = iconButton({
    icon: "close",
    label: texts.cancel,
    key: "Esc",
    cap: capOf("Esc"),
    testId: "sd-cancel",
    click: () => transformer.cancel(),
  });
  const answers = h("div", "answers", {}, apply, cancel);
  const element = h(
    "div",
    "group group-size",
    {},
    size.element,
    tolerance.element,
    answers,
    number,
    brushTip(store, endings),
  );

  const show = () => {
    const { tool } = store;
    element.dataset.tool = tool;
    size.element.hidden = tool === "magic" || tool === "transform";
    tolerance.element.hidden = tool !== "magic";
    answers.hidden = tool !== "transform";
    apply.disabled = cancel.disabled = !transformer.busy;
    size.set(store.brush);
    tolerance.set(store.tolerance);
    number.textContent = tool === "transform" ? "" : String(tool === "magic" ? store.tolerance : store.brush);
  };
  endings.add(store.on("ui", show), store.on("values", show), transformer.on("changed", show));
  show();
  return element;
}
