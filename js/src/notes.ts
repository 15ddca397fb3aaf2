// What lies over the canvas for a while: the model's progress while it loads, and errors.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { Store } from "./store";

const REFUSAL_MS = 4000;

/** While the model loads: how far it is. Painting goes on beneath. */
export function progress(store: Store, endings: Endings): HTMLElement {
  const texts = store.texts.notes;
  const label = h("span", "progress-label");
  const number = h("span", "progress-number");
  const bar = h("div", "progress-bar");
  const element = h("div", "progress", {
    role: "progressbar",
    "data-testid": "sd-progress",
    "aria-valuemin": 0,
  });
  element.append(h("div", "progress-line", {}, label, number), h("div", "progress-track", {}, bar));
  const show = () => {
    const { state, stage, progress, model } = store.status;
    const percent = Math.round(progress * 100);
    element.hidden = state !== "loading" || store.kernel === "gone";
    label.textContent = stage
      ? `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`
      : model
        ? texts.loadingModel(model)
        : texts.loading;
    number.textContent = store.texts.percent(percent);
    bar.style.transform = `scaleX(${progress})`;
    setAttributes(element, {
      "aria-valuemax": 100,
      "aria-valuenow": percent,
      "aria-label": texts.loading,
    });
  };
  endings.add(store.on("status", show));
  show();
  return element;
}

/** What happened, what to do, and a button that does it. */
export function banner(store: Store, endings: Endings): HTMLElement {
  const texts = store.texts.notes;
  const what = h("p", "banner-what");
  const hint = h("p", "banner-hint");
  const action = h("button", "banner-action", { type: "button" }, texts.tryAgain);
  const close = iconButton({
    icon: "close",
    label: texts.dismiss,
    classes: "banner-close",
    click: () => {
      refusal = "";
      store.setFailure(null);
    },
  });
  const element = h("div", "banner", { role: "alert", "data-testid": "sd-banner" });
  element.append(icon("warning"), h("div", "banner-text", {}, what, hint), action, close);
  action.addEventListener("click", () => store.ask("retry"));

  let refusal = "";
  let last = store.failure;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A refusal answers what somebody does now: for its while it goes before an error that stands, not a new one.
  const show = () => {
    if (store.failure && store.failure !== last) refusal = "";
    last = store.failure;
    const failure = refusal ? null : store.failure;
    element.hidden = !failure && !refusal;
    what.textContent = failure ? capital(failure.message || texts.unknown) : refusal;
    hint.textContent = failure ? capital(failure.hint) : "";
    hint.hidden = hint.textContent === "";
    action.hidden = failure?.action !== "retry" || store.kernel === "gone";
    setAttributes(element, { "data-code": failure?.code ?? null });
  };
  endings.add(
    store.on("status", show),
    store.on("refused", (reason) => {
      refusal = reason;
      clearTimeout(timer);
      timer = setTimeout(() => {
        refusal = "";
        show();
      }, REFUSAL_MS);
      show();
    }),
    () => clearTimeout(timer),
  );
  show();
  return element;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
