// The offer of a drawing from before, over the canvas's lower edge.

import { type Endings, h, iconButton } from "./dom";
import { icon } from "./icons";
import type { Keeper } from "./keep";
import type { Store } from "./store";

const WORDS = 3;

/** leave: the hand goes to the canvas. */
export function offer(store: Store, keeper: Keeper, endings: Endings, leave: () => void): HTMLElement {
  const { kept: texts, format } = store.texts;
  const what = h("p", "from-before-what");
  const prompts = h("p", "from-before-prompts");
  const back = h(
    "button",
    "banner-action",
    { type: "button", "data-testid": "sd-bring-back" },
    texts.bringBack,
  );
  back.addEventListener("click", () => {
    keeper.bringBack();
    leave();
  });
  const no = iconButton({
    icon: "close",
    label: texts.forget,
    testId: "sd-forget-kept",
    classes: "banner-close",
    click: () => {
      keeper.dismiss();
      leave();
    },
  });
  const element = h("div", "from-before", { role: "status", "data-testid": "sd-offer", hidden: true });
  element.append(icon("history"), h("div", "banner-text", {}, what, prompts), back, no);
  const show = () => {
    const { offer } = keeper;
    // Whoever draws on has decided; an empty canvas asks again.
    element.hidden = !offer || store.stroke !== null || (keeper.touched && store.regions.length > 0);
    if (!offer) return;
    what.textContent = texts.title(format.clock(offer.at));
    const names = [
      ...new Set(offer.regions.map(({ fields }) => fields.prompt.trim()).filter(Boolean)),
    ].reverse();
    const shows = names.length
      ? names.slice(0, WORDS).join(", ") + (names.length > WORDS ? ", …" : "")
      : texts.regions(offer.regions.length);
    prompts.textContent = texts.by(shows);
  };
  endings.add(keeper.on("offer", show), store.on("regions", show), store.on("stroke", show));
  show();
  return element;
}
