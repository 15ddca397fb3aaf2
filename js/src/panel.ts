// The regions, the uppermost first; the background is always the last.

import { perform } from "./actions";
import { backdrop } from "./backdrop";
import { Palette, paletteShown, togglePalette } from "./concepts";
import { type Endings, h, iconButton, setAttributes } from "./dom";
import { EXAMPLES, sceneOf, thumbnail } from "./examples";
import { chips, remarks } from "./hints";
import type { Overlay } from "./overlay";
import { Prompt } from "./prompt";
import { reorderable } from "./reorder";
import { Row } from "./row";
import { neighborOf } from "./rowfocus";
import { Settings } from "./settings";
import type { Store } from "./store";
import { promptOf } from "./wording";

export class Panel {
  readonly element: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private readonly list = h("div", "rows", { role: "list" });
  private readonly body = h("div", "panel-body");
  private readonly start: Start;
  private readonly background: Prompt;
  private readonly backgroundRemarks = h("div", "remarks", { role: "note" });
  private readonly backgroundReady = h("div", "ready");
  private readonly palette: Palette;
  private readonly paletteToggle: HTMLButtonElement;
  private readonly settings: Settings;

  /** leave: the hand goes back to the canvas. */
  constructor(
    private readonly store: Store,
    private readonly overlay: Overlay,
    endings: Endings,
    private readonly leave: () => void,
  ) {
    const texts = store.texts;
    setAttributes(this.list, { "aria-label": texts.regions.list });
    const add = iconButton({
      icon: "plus",
      label: texts.regions.add,
      key: "N",
      testId: "sd-add-region",
      click: () => this.addRegion(),
    });
    this.palette = new Palette(store, endings, leave);
    this.paletteToggle = iconButton({
      icon: "palette",
      label: texts.palette.toggle,
      key: "P",
      testId: "sd-palette-toggle",
      click: () => togglePalette(store),
    });
    setAttributes(this.paletteToggle, { "aria-controls": this.palette.element.id });
    this.background = new Prompt(store, {
      label: texts.row.background,
      placeholder: texts.row.backgroundPlaceholder,
      testId: "sd-background-prompt",
      kind: "background",
      input: (background) => store.setValues({ background }, true),
      done: leave,
      blur: () => {
        store.history.seal();
        this.showBackground();
      },
      offering: () => this.showBackground(),
    });
    this.background.field.addEventListener("focus", () => this.showBackground());
    this.settings = new Settings(store);
    this.start = new Start(store, leave);
    this.element = this.build(add, backdrop(store, endings));
    reorderable(this.list, endings, (id, to) => store.moveRegion(id, store.regions.length - 1 - to));
    endings.listen(this.list, "keydown", (event) => this.keyDown(event));
    const show = () => this.show();
    endings.add(
      store.on("mask", ({ region }) => {
        this.rows.get(region)?.maskChanged();
        if (!store.stroke) this.rows.get(region)?.update();
      }),
      store.on("regions", show),
      store.on("ui", show),
      store.on("values", show),
      store.on("words", show),
      store.on("frame", () => this.start.show()),
      store.on("stroke", show),
    );
    show();
  }

  addRegion(prompt = ""): void {
    const region = this.store.addRegion({ prompt });
    if (region) this.focusPrompt(region.id);
  }

  /** The field of a region's prompt takes the keys. */
  focusPrompt(id: string | null): void {
    const field = this.rows.get(id ?? "")?.prompt.field;
    field?.focus({ preventScroll: true });
    field?.select();
    field?.closest(".sd-row")?.scrollIntoView?.({ block: "nearest" });
  }

  /** The name of a region is edited; the focus comes back to where it is now, or goes to the canvas. */
  rename(id: string | null): void {
    const row = this.rows.get(id ?? "");
    row?.element.scrollIntoView?.({ block: "nearest" });
    row?.rename(this.focused ?? row.more);
    if (!row) this.store.tell({ refused: this.store.texts.acted.choose });
  }

  /** The menu of a region opens; the focus comes back to where it is now. */
  openMenu(id: string | null): void {
    const row = this.rows.get(id ?? "");
    row?.element.scrollIntoView?.({ block: "nearest" });
    row?.menu.open(this.focused ?? row.more);
  }

  /** What of this view has the focus. */
  private get focused(): HTMLElement | null {
    const { activeElement } = document;
    const ours = this.element.parentElement?.contains(activeElement);
    return ours && activeElement instanceof HTMLElement ? activeElement : null;
  }

  private build(add: HTMLButtonElement, backdrop: HTMLElement): HTMLElement {
    const { label } = this.store.texts.regions;
    const tools = h("div", "panel-tools", {}, this.paletteToggle, add);
    const head = h("div", "panel-head", {}, h("h3", "panel-title", {}, label), tools);
    const background = h(
      "div",
      "row row-background",
      {},
      h("div", "row-main", {}, h("span", "grip-space"), backdrop, this.background.element),
      this.backgroundRemarks,
      this.backgroundReady,
    );
    this.body.append(this.list, background, this.start.element);
    const inner = h("div", "panel-inner", {}, head, this.body, this.palette.element, this.settings.element);
    return h("section", "panel", { "aria-label": label }, inner);
  }

  // ------------------------------------------------------------ showing

  private show(): void {
    const { store, rows, list } = this;
    const ids = store.regions.map((region) => region.id).reverse();
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    for (const [id, row] of rows) {
      if (ids.includes(id)) continue;
      row.menu.close(false);
      row.element.remove();
      rows.delete(id);
      if (this.overlay.hovered === id) this.hover(null);
    }
    ids.forEach((id, i) => {
      let row = rows.get(id);
      if (!row) {
        const hover = (hovered: string | null) => this.hover(hovered);
        row = new Row(
          store,
          id,
          this.leave,
          hover,
          (fromButton) => fromButton && this.focusMore(),
          () => this.settings.open(),
          () => this.palette.open(),
        );
        rows.set(id, row);
      }
      if (list.children[i] !== row.element) list.insertBefore(row.element, list.children[i] ?? null);
      row.update();
    });
    list.hidden = ids.length === 0; // a list has items
    // Moving an element takes the focus from it.
    if (focused && focused !== document.activeElement) {
      if (focused.isConnected) focused.focus({ preventScroll: true });
      else this.focusMore();
    }
    this.keepInSight();
    this.showBackground();
    // Last, since it stands where its button has come to lie.
    for (const row of rows.values()) row.menu.update();
    this.paletteToggle.hidden = !store.hasPalette;
    setAttributes(this.paletteToggle, { "aria-expanded": String(paletteShown(store)) });
    this.settings.show();
    this.start.show();
  }

  /** The button of the active region's menu, or the canvas where there is no region. */
  private focusMore(): void {
    const row = this.rows.get(this.store.active ?? "");
    if (row) row.more.focus({ preventScroll: true });
    else this.leave();
  }

  /** Remarks that come while one types move the field; the list scrolls so that it is still seen. */
  private keepInSight(): void {
    const { body } = this;
    const field = document.activeElement;
    if (!field?.matches(".sd-prompt") || !body.contains(field)) return;
    const [frame, box] = [body.getBoundingClientRect(), field.getBoundingClientRect()];
    if (box.bottom > frame.bottom) body.scrollTop += box.bottom - frame.bottom + 8;
    else if (box.top < frame.top) body.scrollTop -= frame.top - box.top + 8;
  }

  private showBackground(): void {
    const { store } = this;
    const notices = store.notices.get("background") ?? [];
    this.background.set(
      store.background,
      notices.flatMap((notice) => notice.words),
    );
    remarks(this.backgroundRemarks, notices, store.background, {
      texts: store.texts.remarks,
      known: store.vocabulary.backgrounds,
      early: this.background.offers,
    });
    // One set of ready words at a time: first what the region is, then what lies behind it.
    const said = store.region(store.active)?.prompt.trim();
    const wanted = store.background === "" && store.regions.length > 0 && said && !paletteShown(store);
    chips(
      this.backgroundReady,
      wanted ? store.vocabulary.backgrounds : [],
      (word) => store.setValues({ background: promptOf(word, store) }),
      () => this.palette.open(),
      store.texts.row.moreWords,
    );
  }

  private hover(id: string | null): void {
    this.overlay.hovered = id;
    this.overlay.refresh();
  }

  private keyDown(event: KeyboardEvent): void {
    const name = ({ ArrowUp: "up", ArrowDown: "down" } as const)[event.key];
    const id = (event.target as Element).closest<HTMLElement>("[data-region]")?.dataset.region;
    const next = neighborOf(this.list, event);
    if (next) {
      next.focus({ preventScroll: true });
      next.closest(".sd-row")?.scrollIntoView?.({ block: "nearest" });
    } else if (name && event.altKey && id) perform(this.store, name, id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Before anything is painted: scenes to begin with. */
class Start {
  readonly element = h("div", "start");

  constructor(
    private readonly store: Store,
    leave: () => void,
  ) {
    const texts = store.texts.invite;
    const cards = EXAMPLES.map((example) => {
      const card = h("button", "card", { type: "button", "data-testid": "sd-example" });
      card.append(thumbnail(example), h("span", "card-name", {}, texts.examples[example.name]));
      card.addEventListener("click", () => {
        store.load(sceneOf(example, store.size));
        leave();
      });
      return card;
    });
    this.element.append(h("p", "start-title", {}, texts.examplesTitle), h("div", "cards", {}, ...cards));
  }

  get visible(): boolean {
    return this.store.regions.length === 0 && !this.store.stroke;
  }

  show(): void {
    this.element.hidden = !this.visible;
  }
}
