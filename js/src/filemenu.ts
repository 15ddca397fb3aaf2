// The button of the toolbar under which files lie: save as, open.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { ACCEPT, type FileKind } from "./filekinds";
import { type Item, Menu } from "./menu";
import { PICTURES } from "./pictures";
import type { Store } from "./store";

const ITEMS: readonly (readonly [name: FileKind | "open" | "picture", letter: string])[] = [
  ["sdraw", "S"],
  ["png", ""],
  ["ora", ""],
  ["open", "O"],
  ["picture", ""],
];

export interface FileMenu {
  readonly button: HTMLButtonElement;
  /** What the browser's file choosers belong to. */
  readonly input: HTMLElement;
  /** Lets a person choose a file to open. */
  readonly open: () => void;
}

/** command: the key that shortcuts are held with, as people read it. take: pictures were chosen to be taken in. */
export function fileMenu(
  store: Store,
  endings: Endings,
  command: string,
  take: (files: readonly File[]) => void,
): FileMenu {
  const { files: texts, key: capOf } = store.texts;
  const pictures = h("input", "", {
    type: "file",
    accept: PICTURES,
    multiple: true,
    hidden: true,
    "aria-label": texts.pictureFile,
    "data-testid": "sd-picture-file",
  });
  pictures.addEventListener("change", () => {
    const files = [...(pictures.files ?? [])];
    if (files.length) take(files);
    pictures.value = "";
  });
  const input = h("input", "", {
    type: "file",
    accept: ACCEPT,
    hidden: true,
    "aria-label": texts.drawingFile,
    "data-testid": "sd-file",
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) store.ask({ open: file });
    input.value = ""; // the same file may be chosen again
  });
  const button = iconButton({ icon: "file", label: texts.label, testId: "sd-files" });
  const menu = new Menu(button, {
    label: () => texts.label,
    items: () =>
      ITEMS.map(
        ([name, letter]): Item => ({
          name,
          label: texts[name],
          key: letter && `${command}+${letter}`,
          cap: letter && capOf(`${command}+${letter}`),
          obstacle: name === "picture" ? "" : store.noFiles,
        }),
      ),
    choose: (name) => {
      if (name === "open") chooseFile(store, input);
      else if (name === "picture") pictures.click();
      else store.ask({ save: name as FileKind });
    },
    keyed: () => undefined,
  });
  const show = () => {
    setAttributes(button, {
      "aria-busy": store.filing ? "true" : null,
      title: store.noFiles ? texts.labelBut(store.noFiles) : texts.label,
    });
    menu.update();
  };
  endings.add(store.on("status", show), () => menu.close(false));
  show();
  return {
    button,
    input: h("span", "", { hidden: true }, input, pictures),
    open: () => chooseFile(store, input),
  };
}

/** Browsers let a page do this only while a key or button is pressed. */
function chooseFile(store: Store, input: HTMLInputElement): void {
  if (store.noFiles) store.tell({ refused: store.noFiles });
  else input.click();
}
