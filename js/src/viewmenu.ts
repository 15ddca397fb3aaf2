// How the canvas is looked at: a menu in the status line. None of it changes the drawing.

import { type Endings, iconButton } from "./dom";
import { isFullScreen, toggleFullScreen } from "./fullscreen";
import { type Item, Menu } from "./menu";
import type { Store } from "./store";

const FLAGS = ["outlines_only", "grid", "side_by_side"] as const;
type Flag = (typeof FLAGS)[number];

/** opacity: leads to that of the masks; the element gets the focus back. */
export function viewMenu(
  store: Store,
  endings: Endings,
  root: () => HTMLElement,
  opacity: (back: HTMLElement) => void,
): HTMLButtonElement {
  const texts = store.texts.view;
  const button = iconButton({
    icon: "view",
    label: texts.label,
    classes: "status-button",
    testId: "sd-view",
  });
  const menu = new Menu(button, {
    label: () => texts.label,
    items: (): Item[] => [
      ...FLAGS.map((name) => ({
        name,
        label: texts[name],
        key: KEYS[name] ?? "",
        on: store[name],
        obstacle: "",
      })),
      {
        name: "opacity",
        label: texts.opacity,
        key: "Shift+X",
        cap: store.texts.key("Shift+X"),
        obstacle: "",
      },
      { name: "full", label: texts.full, key: "Z", on: isFullScreen(root()), obstacle: "" },
    ],
    choose: (name, back) => {
      const flag = FLAGS.find((one) => one === name);
      if (flag) toggleView(store, flag);
      else if (name === "opacity") opacity(back);
      else toggleFullScreen(store, root());
    },
    keyed: () => undefined,
  });
  const show = () => menu.update();
  endings.add(store.on("values", show), () => menu.close(false));
  endings.listen(document, "fullscreenchange", show);
  return button;
}

const KEYS: Partial<Record<Flag, string>> = { grid: "#" };

export function toggleView(store: Store, flag: Flag): void {
  store.tune({ [flag]: !store[flag] });
}
