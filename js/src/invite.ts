// The empty canvas: a ghost stroke, and a field for what the first region will be.

import { Combobox } from "./combobox";
import { composes, type Endings, h, setProps } from "./dom";
import { COLORS } from "./palette";
import { MAX_PROMPT } from "./scene";
import type { Store } from "./store";

const GHOST = "M14 62 C 24 34, 34 30, 42 46 S 58 66, 66 44 S 82 34, 88 42";

/** leave: the hand goes to the canvas, with the brush. */
export function invite(store: Store, endings: Endings, leave: () => void): HTMLElement {
  const texts = store.texts.invite;
  const ghost = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  ghost.setAttribute("class", "sd-ghost");
  ghost.setAttribute("viewBox", "0 0 100 80");
  ghost.setAttribute("aria-hidden", "true");
  ghost.innerHTML = `<path pathLength="1" d="${GHOST}" stroke="${COLORS[0]}"/>`;

  const field = h("input", "invite-field", {
    type: "text",
    dir: "auto",
    placeholder: texts.placeholder,
    maxlength: MAX_PROMPT,
    autocomplete: "off",
    "aria-label": texts.field,
    "data-testid": "sd-invite",
  });
  const element = h("div", "invite");
  element.append(
    ghost,
    h("p", "invite-title", {}, texts.title),
    h("label", "invite-label", {}, texts.label, field),
  );
  new Combobox(field, store, "region");
  const submit = () => {
    const prompt = field.value.trim();
    field.value = "";
    if (!prompt || store.regions.length) return;
    store.addRegion({ prompt });
    store.set({ tool: "brush" });
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || composes(event)) return;
    event.preventDefault();
    submit();
    leave();
  });
  // Whoever has typed and then paints means what was typed.
  field.addEventListener("change", submit);

  const example = () => store.vocabulary.objects.at(0);
  const show = () => {
    element.hidden = !store.blank;
    const word = example();
    setProps<"input">(field, { placeholder: word ? texts.wordPlaceholder(word) : texts.placeholder });
  };
  endings.add(
    store.on("regions", show),
    store.on("stroke", show),
    store.on("values", show),
    store.on("words", show),
    store.on("frame", show),
  );
  show();
  return element;
}
