// The picture without masks, beside the canvas.

import { type Endings, h } from "./dom";
import { Picture } from "./picture";
import type { Store } from "./store";

export function mirror(store: Store, endings: Endings): HTMLElement {
  const picture = new Picture(store, endings, () => {});
  const element = h(
    "div",
    "mirror",
    { role: "img", "aria-label": store.texts.canvas.mirror, "data-testid": "sd-mirror" },
    picture.element,
  );
  const show = () => {
    element.hidden = !store.side_by_side;
    element.style.aspectRatio = `${store.size[0]} / ${store.size[1]}`;
  };
  endings.add(store.on("values", show));
  show();
  return element;
}
