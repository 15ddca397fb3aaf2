// How the canvas is looked at: a menu in the status line. None of it changes the drawing.

import { type Endings, iconButton } from "./dom";
import { isFullScreen, toggleFullScreen } from "./fullscreen";
import { type Item, Menu } from "./menu";
import type { Store } from "./store";

const FLAGS = [
  ["outlines_only", "Outlines only"],
  ["grid", "Grid"],
  ["side_by_side", "Picture beside the canvas"],
] as const;

export function viewMenu(store: Store, endings: Endings, root: () => HTMLElement): HTMLButtonElement {
  const button = iconButton({ icon: "view", label: "View", classes: "status-button", testId: "sd-view" });
  const menu = new Menu(button, {
    label: () => "View",
    items: (): Item[] => [
      ...FLAGS.map(([name, label]) => ({
        name,
        label,
        key: KEYS[name] ?? "",
        on: store[name],
        obstacle: "",
      })),
      { name: "full", label: "Full screen", key: "Z", on: isFullScreen(root()), obstacle: "" },
    ],
    choose: (name) => {
      const flag = FLAGS.find(([one]) => one === name)?.[0];
      if (flag) toggleView(store, flag);
      else toggleFullScreen(store, root());
    },
    keyed: () => undefined,
  });
  const show = () => menu.update();
  endings.add(store.on("values", show), () => menu.close(false));
  endings.listen(document, "fullscreenchange", show);
  return button;
}

const KEYS: Partial<Record<(typeof FLAGS)[number][0], string>> = { grid: "#" };

export function toggleView(store: Store, flag: (typeof FLAGS)[number][0]): void {
  store.tune({ [flag]: !store[flag] });
}
