// The opacity of the masks: in the toolbar while it has room, and always on a card of the menu of views.

import { type Endings, h, slider } from "./dom";
import { FloatCard } from "./floatcard";
import type { Overlay } from "./overlay";
import type { Store } from "./store";

/** The tint is in sight for so long after it has changed, ms. */
const SEEN_MS = 1200;

/** A slider, and what shows the value that it stands for. */
function opacitySlider(store: Store, overlay: Overlay, endings: Endings, testId: string): HTMLInputElement {
  const { element, set } = slider({
    label: store.texts.toolbar.opacity,
    min: 0,
    max: 100,
    step: 1,
    testId,
    text: store.texts.percent,
    input: (percent) => {
      store.tune({ opacity: percent / 100 }, true);
      overlay.hold(SEEN_MS);
    },
  });
  const show = () => set(Math.round(store.opacity * 100));
  endings.add(store.on("values", show));
  show();
  return element;
}

export const toolbarOpacity = (store: Store, overlay: Overlay, endings: Endings) =>
  opacitySlider(store, overlay, endings, "sd-opacity");

/** What opens the card of `button`, there or beside `anchor`; its slider has the focus, and gives it back to `back`. */
export function opacityCard(
  store: Store,
  overlay: Overlay,
  endings: Endings,
  button: HTMLElement,
): (back: HTMLElement, anchor?: HTMLElement) => void {
  const { percent, toolbar: texts } = store.texts;
  const number = h("output", "number");
  const element = opacitySlider(store, overlay, endings, "sd-view-opacity");
  const show = () => {
    number.textContent = percent(Math.round(store.opacity * 100));
  };
  const options = { label: texts.opacity, testId: "sd-opacity-card", passing: true, show };
  const card = new FloatCard(button, endings, options);
  card.element.append(h("span", "line-label", { "aria-hidden": "true" }, texts.opacity), element, number);
  card.element.classList.add("sd-opacity-card");
  card.element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    card.close();
  });
  endings.add(store.on("values", show));
  return (back, anchor) => {
    card.open(back, anchor);
    overlay.hold(SEEN_MS);
    element.focus({ preventScroll: true });
  };
}
