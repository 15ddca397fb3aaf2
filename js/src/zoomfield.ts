// How large the canvas is seen: a field in per cent (100 % is a pixel of the screen to a pixel of the canvas), and a
// button that shows all of it.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import type { Texts } from "./language";
import type { Stage } from "./stage";
import { ZOOM_STEP } from "./viewport";

export function zoomField(stage: Stage, endings: Endings, texts: Texts["view"]): HTMLElement {
  const { viewport } = stage;
  const field = h("input", "zoom-field", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    role: "spinbutton",
    "aria-label": texts.zoomField,
    title: texts.zoomHint,
    "data-testid": "sd-zoom",
  });
  const step = (icon: "minus" | "plus", label: string, key: string, factor: number) =>
    iconButton({ icon, label, key, classes: "zoom-button zoom-step", click: () => stage.zoom(factor) });
  const fit = iconButton({
    icon: "fit",
    label: texts.fit,
    key: "0",
    testId: "sd-fit",
    classes: "zoom-button",
    click: () => stage.zoom("fit"),
  });

  const percent = () => Math.round(100 * stage.shownScale * viewport.zoom);
  const show = () => {
    setAttributes(field, { "aria-valuenow": percent(), "aria-valuetext": `${percent()} %` });
    if (document.activeElement !== field) field.value = `${percent()} %`;
    fit.disabled = viewport.fits;
  };
  const take = () => {
    const wanted = Number(field.value.replace("%", "").replace(",", ".").trim());
    if (field.value.trim() && wanted > 0) viewport.zoomTo(wanted / 100 / stage.shownScale);
    field.value = `${percent()} %`;
  };
  endings.listen(field, "focus", () => field.select());
  endings.listen(field, "change", take);
  endings.listen(field, "keydown", (event) => {
    const factor = { ArrowUp: ZOOM_STEP, ArrowDown: 1 / ZOOM_STEP }[event.key];
    if (event.key === "Enter") take();
    else if (event.key === "Escape") {
      field.value = `${percent()} %`;
      stage.focus();
    } else if (factor) {
      viewport.zoomTo(viewport.zoom * factor);
      field.value = `${percent()} %`;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  endings.add(viewport.on("changed", show));
  const observer = new ResizeObserver(show); // per cent are of the screen
  observer.observe(stage.element);
  endings.add(() => observer.disconnect());
  show();
  const smaller = step("minus", texts.zoomOut, "-", 1 / ZOOM_STEP);
  const larger = step("plus", texts.zoomIn, "+", ZOOM_STEP);
  return h("div", "zoom", { role: "group", "aria-label": texts.zoom }, smaller, field, larger, fit);
}
