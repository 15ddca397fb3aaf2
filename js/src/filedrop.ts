// Files that are dropped or pasted onto a view: drawings are opened. Pictures, and brushes, are left to `others`.

import type { Endings } from "./dom";
import { hasScene, kindOf } from "./filekinds";
import { isPicture } from "./pictures";
import type { Store } from "./store";

export interface Others {
  /** A picture with no scene in it. */
  readonly picture: (file: File) => void;
  /** A JSON file. */
  readonly brushes: (file: File) => void;
}

export function filesInto(
  root: HTMLElement,
  store: Store,
  endings: Endings,
  { picture, brushes }: Others,
): void {
  const take = async (file: File) => {
    if (/\.json$/i.test(file.name)) brushes(file);
    else if (file.size && (kindOf(file) === "png" ? !(await readable(file)) : isPicture(file))) picture(file);
    else store.ask({ open: file });
  };
  let depth = 0; // how many elements the drag has entered and not left: each of them tells
  const mark = (change: number) => {
    depth = Math.max(depth + change, 0);
    root.toggleAttribute("data-dropping", depth > 0);
  };
  endings.listen(root, "dragenter", (event) => {
    if (carriesFiles(event.dataTransfer)) mark(1);
  });
  endings.listen(root, "dragleave", (event) => {
    if (carriesFiles(event.dataTransfer)) mark(-1);
  });
  // Without this a browser would leave the page for the file.
  endings.listen(root, "dragover", (event) => {
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  endings.listen(root, "drop", (event) => {
    mark(-depth);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    void take(file);
  });
  endings.listen<"paste">(root, "paste", (event) => {
    const data = event.clipboardData;
    const file = data && [...data.files].find((one) => kindOf(one) || isPicture(one));
    if (!file || data.types.includes("text/plain")) return; // programs put a picture of a text beside it
    event.preventDefault();
    event.stopPropagation();
    void take(file);
  });
}

const carriesFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;

/** A PNG that cannot be read goes to where reading it tells why. */
const readable = (file: File) => hasScene(file).catch(() => true);
