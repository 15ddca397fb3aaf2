// The background's picture: the button before the background's prompt shows it, and has a menu for it.

import { type Endings, h, setAttributes } from "./dom";
import { icon } from "./icons";
import { type Item, Menu } from "./menu";
import { PICTURES } from "./pictures";
import { placeBackground, removeBackground } from "./place";
import type { Store } from "./store";

export function backdrop(store: Store, endings: Endings): HTMLElement {
  const input = h("input", "", {
    type: "file",
    accept: PICTURES,
    hidden: true,
    "aria-label": "Picture for the background",
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
    result: () => store.frame && void placeBackground(store, store.frame.blob, "The last picture"),
    remove: () => removeBackground(store),
  };
  const menu = new Menu(button, {
    label: () => "Picture of the background",
    items: (): Item[] => [
      { name: "file", label: "Picture from a file…", key: "", obstacle: "" },
      {
        name: "result",
        label: "The picture as it is now",
        key: "",
        obstacle: store.frame ? "" : "There is no picture yet.",
      },
      {
        name: "remove",
        label: "No picture",
        key: "",
        obstacle: store.background_image.byteLength ? "" : "The background has no picture.",
      },
    ],
    choose: (name) => choose[name]?.(),
    keyed: () => undefined,
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void placeBackground(store, file, `"${file.name}"`);
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
    const label = has ? "Picture of the background" : "Picture of the background: none";
    setAttributes(button, {
      "data-picture": has,
      "aria-label": label,
      title: `${label}. Or drop or paste one`,
    });
  };
  endings.add(store.on("values", show), store.on("frame", show), () => menu.close(false));
  endings.add(() => URL.revokeObjectURL(url));
  show();
  return h("span", "backdrop", {}, button, input);
}
