// What else there is to set about the brush than its size: a card behind a button that shows the brush's edge. The
// same card says whether fingers draw, once a finger or a pen has touched a canvas.

import { type Endings, h, newId, type Slider, setAttributes, setProps, slider } from "./dom";
import { line } from "./fields";
import { moveTo } from "./float";
import { HARD } from "./softedge";
import type { Store } from "./store";

/** Per cent of hardness that a key goes by. */
const STEP = 25;

/** The brush becomes harder (1) or softer (-1), to the next of a few even steps. */
export function harden(store: Store, direction: 1 | -1): void {
  const steps = store.hardness / STEP;
  const next = STEP * (direction > 0 ? Math.floor(steps) + 1 : Math.ceil(steps) - 1);
  store.set({ hardness: next });
  store.tell({ did: store.texts.brushTip.hardnessIs(store.texts.percent(store.hardness)) });
}

/** The scale is one of proportions: small brushes need finer steps than large ones. */
export function sizeSlider(store: Store, testId: string): Slider {
  const { toolbar, px } = store.texts;
  const made = slider({
    label: toolbar.size,
    min: 0,
    max: 100,
    step: 1,
    testId,
    text: () => px(store.brush),
    input: (share) => store.set({ brush: store.maxBrush ** (share / 100) }),
  });
  const set = () => made.set((Math.log(store.brush) / Math.log(store.maxBrush)) * 100);
  return { element: made.element, set };
}

export function brushTip(store: Store, endings: Endings): HTMLButtonElement {
  const { brushTip: texts, percent, toolbar, px } = store.texts;
  const amount = (value: number) => (value === 0 ? texts.off : percent(value));
  const hardness = row(texts.hardness, texts.hardnessHint, "sd-hardness", percent, (value) =>
    store.set({ hardness: value }),
  );
  const steady = row(texts.steady, texts.steadyHint, "sd-steady", amount, (value) =>
    store.set({ steady: value }),
  );
  const size = sizeSlider(store, "sd-card-size");
  const pixels = h("output", "number", { "aria-hidden": "true" });
  const sizeLine = line(toolbar.size, size.element, { beside: pixels });
  sizeLine.classList.add("sd-card-size");
  const fingers = h("input", "check", { type: "checkbox", role: "switch", "data-testid": "sd-fingers" });
  fingers.addEventListener("change", () => store.set({ fingers: fingers.checked }));
  const touch = line(texts.fingers, fingers, { title: texts.fingersHint });

  const card = h(
    "div",
    "brush-card",
    {
      id: newId("card"),
      role: "dialog",
      "aria-label": texts.label,
      tabindex: -1,
      "data-testid": "sd-brush-card",
    },
    h("div", "fold", {}, sizeLine, hardness.element, steady.element, touch),
  );
  const button = h(
    "button",
    "button tip-button",
    {
      type: "button",
      title: `${texts.label}: ${texts.hint}`,
      "aria-label": texts.label,
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      "data-testid": "sd-brush-tip",
    },
    h("span", "tip", { "aria-hidden": "true" }),
  );
  dropCard(button, card, endings);

  const show = () => {
    size.set(store.brush);
    pixels.textContent = px(store.brush);
    hardness.set(store.hardness);
    steady.set(store.steady);
    touch.hidden = store.touched === "";
    setProps<"input">(fingers, { checked: store.fingersDraw });
    button.style.setProperty("--sd-hardness", `${(100 * store.hardness) / HARD}%`);
    button.toggleAttribute("data-steady", store.steady > 0);
  };
  endings.add(store.on("ui", show));
  show();
  return button;
}

function row(
  label: string,
  title: string,
  testId: string,
  text: (value: number) => string,
  input: (value: number) => void,
) {
  const number = h("output", "number", { "aria-hidden": "true" });
  const made = slider({ label, min: 0, max: 100, step: 1, testId, text, input });
  return {
    element: line(label, made.element, { beside: number, title }),
    set(value: number) {
      made.set(value);
      number.textContent = text(value);
    },
  };
}

/** The card comes and goes with presses of the button; Escape, and a press or the focus elsewhere, close it. */
function dropCard(button: HTMLButtonElement, card: HTMLElement, endings: Endings): void {
  const place = () => moveTo(button, card);
  const shown = () =>
    [...card.querySelectorAll("input")].filter(
      (field) => field.checkVisibility?.() ?? !field.closest("[hidden]"),
    );
  const close = (giveBack: boolean) => {
    if (!card.isConnected) return;
    card.parentElement?.removeEventListener("scroll", place, true);
    setAttributes(button, { "aria-expanded": "false", "aria-controls": null });
    if (giveBack) button.focus({ preventScroll: true });
    card.remove();
  };
  const open = () => {
    const root = button.closest(".sd-root");
    if (!root) return;
    root.append(card);
    root.addEventListener("scroll", place, true);
    setAttributes(button, { "aria-expanded": "true", "aria-controls": card.id });
    place();
    shown()[0]?.focus({ preventScroll: true });
  };
  const inside = (target: EventTarget | null) =>
    target instanceof Node && (card.contains(target) || button.contains(target));
  button.addEventListener("click", () => (card.isConnected ? close(true) : open()));
  card.addEventListener("focusout", ({ relatedTarget }) => inside(relatedTarget) || close(false));
  card.addEventListener("keydown", (event) => {
    const fields = shown();
    const edge = event.shiftKey ? fields[0] : fields.at(-1);
    if (event.key === "Tab" && event.target === edge) close(true); // and Tab goes on from there
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(true);
  });
  endings.listen(document, "pointerdown", (event) => inside(event.target) || close(false), { capture: true });
  endings.add(() => close(false));
}
