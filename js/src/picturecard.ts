// A picture has come, dropped, pasted or chosen: what it is to be is asked for over the canvas.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { checkPicture, PictureError } from "./pictures";
import { maskObstacle, placeBackground, placeMask } from "./place";
import type { Region } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";

export interface PictureCard {
  readonly element: HTMLElement;
  offer(file: File): void;
}

/** leave: the hand goes to the canvas. */
export function pictureCard(store: Store, endings: Endings, leave: () => void): PictureCard {
  const { pictures: texts, quoted, key } = store.texts;
  let file: File | null = null;
  let url = "";
  /** A picture from the clipboard has a name that says nothing. */
  const nameOf = ({ name }: File) => (!name || /^image\.\w+$/.test(name) ? texts.unnamed : quoted(name));
  const image = h("img", "place-picture", { alt: "" });
  const what = h("p", "place-what", { id: `sd-place-${crypto.getRandomValues(new Uint32Array(1))[0]}` });
  const button = (label: string, testId: string, place: (file: File, name: string) => Promise<void>) => {
    const element = h("button", "place-button", { type: "button", "data-testid": testId }, label);
    element.addEventListener("click", () => {
      const chosen = file;
      close();
      if (chosen) void place(chosen, nameOf(chosen));
    });
    return element;
  };
  const background = button(texts.background, "sd-place-background", (f, name) =>
    placeBackground(store, f, name),
  );
  const mask = button(texts.mask, "sd-place-mask", (f, name) => placeMask(store, f, name, store.active));
  const fresh = button(texts.maskOfNew, "sd-place-new", (f, name) => placeMask(store, f, name, null));
  const cancel = iconButton({
    icon: "close",
    label: texts.leave,
    key: "Esc",
    cap: key("Esc"),
    click: () => close(),
  });
  const element = h("div", "place", {
    role: "group",
    "aria-labelledby": what.id,
    "data-testid": "sd-place",
    hidden: true,
  });
  const text = h("div", "place-text", {}, what, h("div", "place-buttons", {}, background, mask, fresh));
  element.append(image, text, cancel);

  const close = () => {
    element.hidden = true;
    file = null;
    URL.revokeObjectURL(url);
    image.removeAttribute("src");
    leave();
  };
  const maskLabel = (region: Region) =>
    region.prompt.trim() ? texts.maskOf(title(store, region)) : texts.maskOfUnnamed;
  const show = () => {
    if (element.hidden) return;
    const active = store.region(store.active);
    mask.hidden = !active;
    mask.textContent = active ? maskLabel(active) : "";
    for (const [one, id] of [
      [mask, store.active],
      [fresh, null],
    ] as const) {
      const obstacle = maskObstacle(store, id);
      one.disabled = obstacle !== "";
      setAttributes(one, { title: obstacle || texts.maskHint });
    }
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); // single keys mean something else to the canvas
  });
  const offer = (offered: File) => {
    file = offered;
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(offered);
    image.src = url;
    what.textContent = texts.what(nameOf(offered));
    element.hidden = false;
    show();
    background.focus({ preventScroll: true });
  };
  let newest: File | null = null;
  endings.add(store.on("regions", show), store.on("ui", show), () => URL.revokeObjectURL(url));
  return {
    element,
    offer(offered) {
      newest = offered;
      // Before anything is shown of it.
      checkPicture(offered, nameOf(offered), texts).then(
        () => newest === offered && offer(offered),
        (error) => store.tell({ refused: error instanceof PictureError ? error.message : String(error) }),
      );
    },
  };
}
