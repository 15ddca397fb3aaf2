// One view of the canvas: builds its parts and joins them.

import { importBrushes } from "./brushfile";
import { COMMAND } from "./command";
import { Endings, h } from "./dom";
import { filesInto } from "./filedrop";
import { fileMenu } from "./filemenu";
import { toggleFullScreen } from "./fullscreen";
import { help } from "./help";
import { invite } from "./invite";
import { keep } from "./keep";
import { keys } from "./keys";
import type { Link } from "./link";
import { mirror } from "./mirror";
import { banner, progress } from "./notes";
import { Panel } from "./panel";
import { pauseButton } from "./pause";
import { Picture } from "./picture";
import { pictureCard } from "./picturecard";
import { Stage } from "./stage";
import { StatusLine } from "./statusline";
import type { Store } from "./store";
import { tilePicture } from "./tiles";
import { toolbar } from "./toolbar";
import { VariationStrip } from "./variationstrip";
import { viewMenu } from "./viewmenu";

/** Draws a view into `el`; gives back its clean-up. */
export function view(el: HTMLElement, store: Store, link: Link): () => void {
  const endings = new Endings();
  const status = new StatusLine(store, endings);
  const picture = new Picture(store, endings, (frame) => {
    link.painted(frame);
    if (frame === store.frame) status.shows(frame);
  });
  const leave = () => stage.focus();
  const card = help(() => showHelp(false));
  const place = pictureCard(store, endings, leave);
  const variations = new VariationStrip(store, endings, leave);
  const notes = [
    invite(store, endings, leave),
    variations.element,
    progress(store, endings),
    banner(store, endings),
    place.element,
    card,
  ];
  const stage = new Stage(store, endings, picture.element, notes);
  const panel = new Panel(store, stage.overlay, endings, leave);
  const showHelp = (shown: boolean) => {
    card.hidden = !shown;
    if (shown) card.querySelector("button")?.focus({ preventScroll: true });
    else stage.focus();
  };
  const files = fileMenu(store, endings, COMMAND, (file) => place.offer(file));
  const bar = toolbar(store, stage.overlay, endings, files, () => showHelp(card.hidden));

  status.element.append(
    viewMenu(store, endings, () => root),
    pauseButton(store, endings),
  );
  const app = h("div", "app", {}, bar, stage.element, mirror(store, endings), panel.element, status.element);
  // Without the attribute JupyterLab takes single keys for its own shortcuts.
  const root = h("div", "root", { "data-lm-suppress-shortcuts": "true" }, app);
  tilePicture(root, store, endings);
  filesInto(root, store, endings, {
    picture: (file) => place.offer(file),
    brushes: (file) => void importBrushes(store, file),
  });
  keys(root, store, endings, {
    newRegion: () => panel.addRegion(),
    editPrompt: () => panel.focusPrompt(store.active),
    menu: () => panel.openMenu(store.active),
    help: () => showHelp(card.hidden),
    open: files.open,
    fullScreen: () => toggleFullScreen(store, root),
    cancel: () => stage.cancel(),
  });
  const shape = () => root.style.setProperty("--sd-aspect", String(store.size[0] / store.size[1]));
  endings.add(
    store.on("values", shape),
    store.on("stroke", ({ active, created, region }) => {
      if (!active && created && store.region(region)) panel.focusPrompt(region);
    }),
    link.addView(),
  );
  if (document.hidden) link.setVisible(false);
  endings.listen(document, "visibilitychange", () => link.setVisible(!document.hidden));
  shape();
  el.append(root);
  return () => {
    keep(store);
    endings.run();
    root.remove();
  };
}
