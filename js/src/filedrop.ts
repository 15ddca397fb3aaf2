// Files that are dropped or pasted onto a view: drawings are opened. Pictures, and brushes, are left to `others`.

import type { Endings } from "./dom";
import { hasScene, kindOf } from "./filekinds";
import { isPicture } from "./pictures";
import type { Store } from "./store";

export interface Others {
  /** Pictures with no scene in them, one or more. */
  readonly pictures: (files: readonly File[]) => void;
  /** A JSON file. */
  readonly brushes: (file: File) => Promise<void>;
}

export function filesInto(
  root: HTMLElement,
  store: Store,
  endings: Endings,
  { pictures, brushes }: Others,
): void {
  const isBrushes = ({ name }: File) => /\.json$/i.test(name);
  const isPlain = async (file: File) =>
    file.size > 0 && (kindOf(file) === "png" ? !(await readable(file)) : isPicture(file));
  const takeOne = async (file: File) => {
    if (isBrushes(file)) await brushes(file);
    else if (await isPlain(file)) pictures([file]);
    else store.ask({ open: file });
  };
  /** Pictures are taken together, and so are brushes. Of anything else there can be one. */
  const take = async (files: readonly File[]) => {
    const [first] = files;
    if (files.every(isBrushes)) for (const file of files) await brushes(file);
    else if ((await Promise.all(files.map(isPlain))).every(Boolean)) pictures(files);
    else if (first) {
      await takeOne(first);
      if (files.length > 1) store.tell({ refused: store.texts.files.oneOf(first.name, files.length) });
    }
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
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void take(files);
  });
  endings.listen<"paste">(root, "paste", (event) => {
    const data = event.clipboardData;
    const files = [...(data?.files ?? [])].filter((one) => kindOf(one) || isPicture(one));
    if (!data || files.length === 0 || data.types.includes("text/plain")) return; // programs put a picture of a text beside it
    event.preventDefault();
    event.stopPropagation();
    void take(files);
  });
}

const carriesFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;

/** A PNG that cannot be read goes to where reading it tells why. */
const readable = (file: File) => hasScene(file).catch(() => true);
