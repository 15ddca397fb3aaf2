// One view of the canvas: builds its parts and joins them.

import { importBrushes } from "./brushfile";
import { COMMAND } from "./command";
import { compare } from "./compare";
import { Endings, h } from "./dom";
import { filesInto } from "./filedrop";
import { fileMenu } from "./filemenu";
import { toggleFullScreen } from "./fullscreen";
import { help, modal } from "./help";
import { keepKeys } from "./host";
import { invite } from "./invite";
import type { Keeper } from "./keep";
import { keys } from "./keys";
import type { Link } from "./link";
import { mirror } from "./mirror";
import { banner, progress } from "./notes";
import { offer } from "./offer";
import { opacityCard } from "./opacity";
import { Panel } from "./panel";
import type { Past } from "./past";
import { pauseButton } from "./pause";
import { Picture } from "./picture";
import { pictureCard } from "./picturecard";
import { dragsAreSteps } from "./sliding";
import { Stage } from "./stage";
import { StatusLine } from "./statusline";
import type { Store } from "./store";
import { Strip } from "./strip";
import { tilePicture } from "./tiles";
import { toolbar } from "./toolbar";
import { toolOptions } from "./tooloptions";
import { VariationStrip } from "./variationstrip";
import { viewMenu } from "./viewmenu";
import { zoomField } from "./zoomfield";

/** Draws a view into `el`; gives back its clean-up. */
export function view(el: HTMLElement, store: Store, link: Link, keeper: Keeper, past: Past): () => void {
  const endings = new Endings();
  const status = new StatusLine(store, endings);
  const picture = new Picture(store, endings, (frame) => {
    link.painted(frame);
    if (frame === store.frame) status.shows(frame);
  });
  const leave = () => stage.focus();
  const card = help(store.texts, () => showHelp(false));
  const place = pictureCard(store, endings, leave);
  const variations = new VariationStrip(store, endings, leave);
  const notes = [
    compare(past, endings, store.texts),
    invite(store, endings, leave),
    variations.element,
    progress(store, endings),
    offer(store, keeper, endings, leave),
    banner(store, endings),
    place.element,
    card,
  ];
  const stage = new Stage(store, endings, picture, notes);
  // Before and after are of the whole canvas: looking closer ends it.
  endings.add(
    past.on("changed", () => past.compared.length > 0 && !stage.viewport.fits && stage.zoom("fit")),
    stage.viewport.on("changed", () => past.compared.length > 0 && !stage.viewport.fits && past.compare()),
  );
  const panel = new Panel(store, stage.overlay, endings, leave);
  const showHelp = (shown: boolean) => {
    card.hidden = !shown;
    if (shown) card.querySelector("button")?.focus({ preventScroll: true });
    else stage.focus();
  };
  const files = fileMenu(store, endings, COMMAND, (some) => place.offer(some));
  const options = toolOptions(store, endings, stage.transformer);
  const bar = toolbar(store, stage.overlay, endings, files, options, () => showHelp(card.hidden));

  const strip = new Strip(store, past, endings, leave);
  const look = viewMenu(
    store,
    endings,
    () => root,
    (back) => opacity(back),
  );
  const opacity = opacityCard(store, stage.overlay, endings, look);
  status.element.append(
    zoomField(stage, endings, store.texts.view),
    look,
    pauseButton(store, endings),
    strip.toggle,
  );
  const beside = mirror(store, endings);
  const app = h("div", "app", {}, bar, stage.element, beside, panel.element, strip.element, status.element);
  const root = h("div", "root", { lang: store.texts.tag }, app);
  strip.settle(root, app);
  keepKeys(root, endings);
  modal(root, card, endings, () => showHelp(false));
  dragsAreSteps(root, store.history, endings);
  tilePicture(root, store, endings);
  filesInto(root, store, endings, {
    pictures: (some) => place.offer(some),
    brushes: (file) => importBrushes(store, file),
  });
  keys(root, store, endings, {
    newRegion: () => panel.addRegion(),
    editPrompt: () => panel.focusPrompt(store.active),
    rename: () => panel.rename(store.active),
    menu: () => panel.openMenu(store.active),
    help: () => showHelp(card.hidden),
    open: files.open,
    fullScreen: () => toggleFullScreen(store, root),
    history: () => strip.fold(),
    cancel: () => {
      stage.cancel();
      past.compare();
    },
    zoom: (to) => stage.zoom(to),
    opacity: () => opacity(stage.overlay.element, bar.querySelector<HTMLElement>(".sd-group-masks") ?? bar),
  });
  const shape = () => root.style.setProperty("--sd-aspect", String(store.size[0] / store.size[1]));
  endings.add(
    store.on("values", shape),
    store.on("stroke", ({ active, created, region }) => {
      if (!active && created && store.region(region)) panel.focusPrompt(region);
    }),
    link.addView(),
    keeper.addView(),
  );
  if (document.hidden) link.setVisible(false);
  endings.listen(document, "visibilitychange", () => link.setVisible(!document.hidden));
  shape();
  el.append(root);
  return () => {
    endings.run();
    root.remove();
  };
}
