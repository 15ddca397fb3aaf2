// Pictures have come, dropped, pasted or chosen: what they are to be is asked for over the canvas. One may be the
// background or a mask; several are masks of new regions, each its own step of undo.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { checkPicture, PictureError } from "./pictures";
import { maskObstacle, placeBackground, placeMask } from "./place";
import type { Region } from "./scene";
import type { Store } from "./store";
import { title } from "./texts";

export interface PictureCard {
  readonly element: HTMLElement;
  offer(files: readonly File[]): void;
}

/** leave: the hand goes to the canvas. */
export function pictureCard(store: Store, endings: Endings, leave: () => void): PictureCard {
  const { pictures: texts, quoted, key } = store.texts;
  let files: readonly File[] = [];
  let url = "";
  /** A picture from the clipboard has a name that says nothing. */
  const nameOf = ({ name }: File) => (!name || /^image\.\w+$/.test(name) ? texts.unnamed : quoted(name));
  const image = h("img", "place-picture", { alt: "" });
  const what = h("p", "place-what", { id: `sd-place-${crypto.getRandomValues(new Uint32Array(1))[0]}` });
  const button = (label: string, testId: string, place: (file: File, name: string) => Promise<void>) => {
    const element = h("button", "place-button", { type: "button", "data-testid": testId }, label);
    element.addEventListener("click", () => {
      const chosen = files;
      close();
      void (async () => {
        for (const file of chosen) await place(file, nameOf(file));
      })();
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
    files = [];
    URL.revokeObjectURL(url);
    image.removeAttribute("src");
    leave();
  };
  const maskLabel = (region: Region) =>
    region.prompt.trim() ? texts.maskOf(title(store, region)) : texts.maskOfUnnamed;
  const show = () => {
    if (element.hidden) return;
    const several = files.length > 1;
    const active = several ? undefined : store.region(store.active);
    background.hidden = several;
    fresh.textContent = several ? texts.masksOfNew : texts.maskOfNew;
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
  /** The file, or nothing, and why, where it is no picture that the canvas can take. */
  const checked = async (file: File): Promise<File | null> => {
    try {
      await checkPicture(file, nameOf(file), texts);
      return file;
    } catch (error) {
      store.tell({ refused: error instanceof PictureError ? error.message : String(error) });
      return null;
    }
  };
  const offer = (offered: readonly File[], first: File) => {
    files = offered;
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(first);
    image.src = url;
    what.textContent = offered.length > 1 ? texts.whatAre(offered.length) : texts.what(nameOf(first));
    element.hidden = false;
    show();
    (background.hidden ? fresh : background).focus({ preventScroll: true });
  };
  let newest: readonly File[] = [];
  endings.add(store.on("regions", show), store.on("ui", show), () => URL.revokeObjectURL(url));
  return {
    element,
    offer(offered) {
      newest = offered;
      // Before anything is shown of them.
      void Promise.all(offered.map(checked)).then((files) => {
        const fine = files.filter((file) => file !== null);
        if (newest === offered && fine[0]) offer(fine, fine[0]);
      });
    },
  };
}
