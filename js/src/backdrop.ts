// The background's picture: the button before the background's prompt shows it, and has a menu for it.

import { type Endings, h, setAttributes } from "./dom";
import { icon } from "./icons";
import { type Item, Menu } from "./menu";
import { PICTURES } from "./pictures";
import { placeBackground, removeBackground } from "./place";
import type { Store } from "./store";

export function backdrop(store: Store, endings: Endings): HTMLElement {
  const texts = store.texts.backdrop;
  const input = h("input", "", {
    type: "file",
    accept: PICTURES,
    hidden: true,
    "aria-label": texts.file,
    "data-testid": "sd-background-file",
  });
  const button = h(
    "button",
    "dot dot-background",
    { type: "button", "data-testid": "sd-background-menu" },
    icon("background"),
  );
  const choose: Record<string, () => void> = {
    file: () => input.click(),
    result: () => store.frame && void placeBackground(store, store.frame.blob, texts.lastPicture),
    remove: () => removeBackground(store),
  };
  const menu = new Menu(button, {
    label: () => texts.label,
    items: (): Item[] => [
      { name: "file", label: texts.fromFile, key: "", obstacle: "" },
      {
        name: "result",
        label: texts.result,
        key: "",
        obstacle: store.frame ? "" : texts.noResult,
      },
      {
        name: "remove",
        label: texts.remove,
        key: "",
        obstacle: store.background_image.byteLength ? "" : texts.nothingToRemove,
      },
    ],
    choose: (name) => choose[name]?.(),
    keyed: () => undefined,
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void placeBackground(store, file, store.texts.quoted(file.name));
    input.value = ""; // the same file may be chosen again
  });

  let shown: DataView | null = null;
  let url = "";
  const show = () => {
    menu.update();
    const picture = store.background_image;
    if (picture === shown) return;
    shown = picture;
    URL.revokeObjectURL(url);
    const has = picture.byteLength > 0;
    url = has ? URL.createObjectURL(new Blob([picture as DataView<ArrayBuffer>])) : "";
    button.style.setProperty("--sd-backdrop", has ? `url("${url}")` : "none");
    const label = has ? texts.label : texts.none;
    setAttributes(button, {
      "data-picture": has,
      "aria-label": label,
      title: texts.tooltip(label),
    });
  };
  endings.add(store.on("values", show), store.on("frame", show), () => menu.close(false));
  endings.add(() => URL.revokeObjectURL(url));
  show();
  return h("span", "backdrop", {}, button, input);
}
