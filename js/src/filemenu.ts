// The button of the toolbar under which files lie: save as, open.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { ACCEPT, type FileKind } from "./filekinds";
import { type Item, Menu } from "./menu";
import type { Store } from "./store";

const ITEMS: readonly (readonly [name: FileKind | "open", label: string, letter: string])[] = [
  ["sdraw", "Save as .sdraw", "S"],
  ["png", "Save picture as PNG", ""],
  ["ora", "Save as OpenRaster (.ora)", ""],
  ["open", "Open…", "O"],
];

export interface FileMenu {
  readonly button: HTMLButtonElement;
  /** What the browser's file chooser belongs to. */
  readonly input: HTMLInputElement;
}

/** command: the key that shortcuts are held with, as people read it. */
export function fileMenu(store: Store, endings: Endings, command: string): FileMenu {
  const input = h("input", "", {
    type: "file",
    accept: ACCEPT,
    hidden: true,
    "aria-label": "Open a drawing",
    "data-testid": "sd-file",
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) store.ask({ open: file });
    input.value = ""; // the same file may be chosen again
  });
  const button = iconButton({ icon: "file", label: LABEL, testId: "sd-files" });
  const menu = new Menu(button, {
    label: () => "Save and open",
    items: () =>
      ITEMS.map(
        ([name, label, letter]): Item => ({
          name,
          label,
          key: letter && `${command}+${letter}`,
          obstacle: store.noFiles,
        }),
      ),
    choose: (name) => {
      if (name === "open") chooseFile(store, input);
      else store.ask({ save: name as FileKind });
    },
    keyed: () => undefined,
  });
  const show = () => {
    setAttributes(button, {
      "aria-busy": store.filing ? "true" : null,
      title: store.noFiles ? `${LABEL}: ${store.noFiles}` : LABEL,
    });
    menu.update();
  };
  endings.add(store.on("status", show), () => menu.close(false));
  show();
  return { button, input };
}

const LABEL = "Save and open";

/** Browsers let a page do this only while a key or button is pressed. */
export function chooseFile(store: Store, input: HTMLInputElement): void {
  if (store.noFiles) store.tell({ refused: store.noFiles });
  else input.click();
}
