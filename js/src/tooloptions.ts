// What can be set for the tool in hand, all in one place of the toolbar: the brush's size, the tolerance of the magic
// select, or what becomes of a transform. brushtip.ts has the rest about the brush.

import { brushTip } from "./brushtip";
import { type Endings, h, iconButton, slider } from "./dom";
import type { Store } from "./store";
import type { Transformer } from "./transformer";

const MAX_TOLERANCE = 255;

export function toolOptions(store: Store, endings: Endings, transformer: Transformer): HTMLElement {
  const { toolbar: texts, key: capOf, px } = store.texts;
  const number = h("output", "number size-number", { "aria-hidden": "true" });
  // The scale is one of proportions: small brushes need finer steps than large ones.
  const size = slider({
    label: texts.size,
    min: 0,
    max: 100,
    step: 1,
    testId: "sd-size",
    text: () => px(store.brush),
    input: (share) => store.set({ brush: store.maxBrush ** (share / 100) }),
  });
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
    size.element.hidden = tool === "magic" || tool === "transform";
    tolerance.element.hidden = tool !== "magic";
    answers.hidden = tool !== "transform";
    apply.disabled = cancel.disabled = !transformer.busy;
    size.set((Math.log(store.brush) / Math.log(store.maxBrush)) * 100);
    tolerance.set(store.tolerance);
    number.textContent = tool === "transform" ? "" : String(tool === "magic" ? store.tolerance : store.brush);
  };
  endings.add(store.on("ui", show), store.on("values", show), transformer.on("changed", show));
  show();
  return element;
}
