// The history strip: finished pictures in a column beside the canvas, or in a row under it. One that is chosen shows
// beside the current picture.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { Past } from "./past";
import type { HistoryEntry } from "./protocol";
import type { Kernel, Store } from "./store";

/** CSS px from which on a view has room for it, as for everything that is wide. */
const ROOMY = 1100;
/** Width to height of a canvas from which on a column would take width from the picture, and a row takes only height. */
const WIDE = 1.1;

export class Strip {
  readonly element: HTMLElement;
  /** Unfolds the strip, with the number of pictures in it. */
  readonly toggle: HTMLButtonElement;
  private readonly list = h("div", "past-list", {
    role: "listbox",
    "aria-multiselectable": "true",
    "aria-orientation": "horizontal",
  });
  private readonly empty = h("p", "past-empty");
  private readonly count = h("span", "past-count", { "aria-hidden": "true" });
  private readonly back = h("button", "banner-action past-back", {
    type: "button",
    "data-testid": "sd-history-restore",
  });
  /** Pressed, the next picture that is chosen shows beside the one that is chosen now. */
  private readonly second: HTMLButtonElement;
  private readonly pin: HTMLButtonElement;
  private readonly forget: HTMLButtonElement;
  private readonly close: HTMLButtonElement;
  private readonly items = new Map<number, HTMLButtonElement>();
  /** Of the view, CSS px; 0 before it is laid out. */
  private width = 0;
  private app: HTMLElement | null = null;
  private kernel: Kernel | null = null;

  constructor(
    private readonly store: Store,
    private readonly past: Past,
    private readonly endings: Endings,
    private readonly leave: () => void,
  ) {
    const texts = store.texts.history;
    setAttributes(this.list, { "aria-label": texts.list });
    this.empty.append(texts.empty);
    this.back.append(texts.restore);
    this.back.title = texts.restoreHint;
    this.toggle = iconButton({
      icon: "history",
      label: texts.toggle,
      key: "Y",
      testId: "sd-history-toggle",
      classes: "past-toggle",
      click: () => this.fold(),
    });
    this.toggle.append(this.count);
    const tool = (
      name: "compare" | "pin" | "trash" | "close",
      label: string,
      testId: string,
      click: () => void,
    ) => iconButton({ icon: name, label, testId: `sd-history-${testId}`, click });
    this.second = tool("compare", texts.second, "compare", () => this.wantSecond(!this.wantsSecond));
    setAttributes(this.second, { "aria-pressed": "false" });
    this.pin = tool("pin", texts.pin, "pin", () => this.pinChosen());
    this.forget = tool("trash", texts.forget, "forget", () => this.forgetChosen());
    this.close = tool("close", texts.close, "close", () => {
      past.compare();
      leave();
    });
    this.back.addEventListener("click", () => this.restoreChosen());
    const tools = h("div", "past-tools", {}, this.back, this.second, this.pin, this.forget, this.close);
    this.element = h(
      "section",
      "past",
      { "aria-label": texts.label, "data-testid": "sd-history" },
      this.list,
      this.empty,
      tools,
    );
    endings.listen<"click">(this.list, "click", (event) =>
      this.choose(event.target as Element, event.shiftKey || this.wantsSecond),
    );
    endings.listen(this.list, "dblclick", () => this.restoreChosen());
    endings.listen<"keydown">(this.list, "keydown", (event) => this.keyDown(event));
    endings.add(
      past.on("changed", () => this.show()),
      store.on("values", () => this.show()), // another size, or the picture beside the canvas
      store.on("status", () => store.kernel !== this.kernel && this.show()),
    );
    this.show();
  }

  /** The view is built: its width decides. It is told before the browser paints, so that nothing jumps. */
  settle(root: HTMLElement, app: HTMLElement): void {
    this.app = app;
    const observer = new ResizeObserver(() => {
      this.width = root.clientWidth;
      this.show();
    });
    observer.observe(root);
    this.endings.add(() => observer.disconnect());
    this.show();
  }

  /** Unfolds it, or folds it. */
  fold(): void {
    this.past.unfold(!this.isOpen);
  }

  private get isOpen(): boolean {
    return this.past.open ?? (this.width >= ROOMY && !this.store.side_by_side);
  }

  private get wantsSecond(): boolean {
    return this.second.getAttribute("aria-pressed") === "true";
  }

  private wantSecond(wanted: boolean): void {
    setAttributes(this.second, { "aria-pressed": String(wanted) });
    if (wanted) this.store.tell({ did: this.store.texts.history.chooseSecond });
  }

  private get isBeside(): boolean {
    const { size, side_by_side } = this.store;
    return this.width >= ROOMY && size[0] / size[1] < WIDE && !side_by_side;
  }

  private get chosen(): HistoryEntry | undefined {
    return this.past.entry(this.past.compared.at(-1));
  }

  private show(): void {
    const { past, store } = this;
    const count = past.entries.length;
    const { isOpen, isBeside } = this;
    this.kernel = store.kernel;
    this.element.hidden = !isOpen;
    this.app?.toggleAttribute("data-past-beside", isOpen && isBeside);
    setAttributes(this.list, { "aria-orientation": isBeside ? "vertical" : "horizontal" });
    this.count.textContent = count ? String(count) : "";
    setAttributes(this.toggle, { "aria-pressed": String(isOpen), "aria-expanded": String(isOpen) });
    if (!isOpen) return;
    this.empty.hidden = count > 0;
    this.showItems();
    const { chosen } = this;
    const gone = store.kernel === "gone";
    setAttributes(this.element, { "data-chosen": past.compared.length > 0 });
    this.back.disabled = this.pin.disabled = this.forget.disabled = !chosen || gone;
    this.close.disabled = past.compared.length === 0;
    this.second.disabled = !chosen || past.entries.length < 2;
    if (this.second.disabled) this.wantSecond(false);
    const texts = store.texts.history;
    const label = chosen?.pinned ? texts.unpin : texts.pin;
    setAttributes(this.pin, {
      "aria-pressed": String(chosen?.pinned === true),
      "aria-label": label,
      title: label,
    });
  }

  private showItems(): void {
    const { past, items, list } = this;
    const { history: texts, format } = this.store.texts;
    const focused = document.activeElement;
    const more = past.entries.some((entry) => !items.has(entry.id));
    const atEnd = more && isAtEnd(list);
    let lost = false;
    for (const [id, item] of items) {
      if (past.entry(id)) continue;
      lost ||= item === focused;
      item.remove();
      items.delete(id);
    }
    for (const entry of past.entries) {
      const item = items.get(entry.id) ?? this.build(entry.id);
      const image = item.querySelector("img") as HTMLImageElement;
      const source = past.thumbnail(entry.id);
      if (source && image.getAttribute("src") !== source) image.src = source;
      const title = texts.entry(format.clock(entry.madeAt), entry.title);
      setAttributes(item, {
        title,
        "aria-label": entry.pinned ? texts.kept(title) : title,
        "aria-selected": String(past.compared.includes(entry.id)),
        "data-pinned": entry.pinned,
      });
    }
    const order = [...items.values()];
    const one =
      order.find((item) => item === focused) ?? items.get(past.compared.at(-1) ?? -1) ?? order.at(-1);
    for (const item of order) item.tabIndex = item === one ? 0 : -1;
    if (lost) one?.focus({ preventScroll: true });
    if (atEnd) list.scrollTo({ left: list.scrollWidth, top: list.scrollHeight });
  }

  private build(id: number): HTMLButtonElement {
    const item = h("button", "past-item", {
      type: "button",
      role: "option",
      "data-entry": id,
      "data-testid": "sd-history-item",
    });
    item.append(h("img", "past-image", { alt: "", draggable: "false" }), icon("pin"));
    this.items.set(id, item);
    this.list.append(item);
    return item;
  }

  /** `second`: beside the one that is chosen already. */
  private choose(target: Element, second: boolean): void {
    const id = idOf(target);
    if (id === null) return;
    const first = this.past.compared[0];
    this.wantSecond(false);
    if (second && first !== undefined && first !== id) this.past.compare(first, id);
    else this.past.compare(id);
  }

  private restoreChosen(): void {
    const { chosen } = this;
    if (!chosen) return;
    this.past.restore(chosen.id);
    this.leave();
  }

  private pinChosen(): void {
    const { chosen } = this;
    if (chosen) this.past.pin(chosen.id, !chosen.pinned);
  }

  private forgetChosen(): void {
    const { chosen } = this;
    if (!chosen || this.past.refuses()) return;
    const at = this.past.entries.indexOf(chosen);
    const next = this.past.entries[at + 1] ?? this.past.entries[at - 1];
    this.past.forget(chosen.id);
    this.past.compare();
    if (next) this.items.get(next.id)?.focus({ preventScroll: true });
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const order = [...this.items.values()];
    const at = order.indexOf(event.target as HTMLButtonElement);
    const [back, on] = this.isBeside ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
    const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: order.length - 1 }[event.key];
    if (to !== undefined) {
      const item = order[Math.min(Math.max(to, 0), order.length - 1)];
      for (const other of order) other.tabIndex = other === item ? 0 : -1;
      item?.focus();
    } else if (event.key === "Enter" || event.key === " ")
      this.choose(event.target as Element, event.shiftKey || this.wantsSecond);
    else if (event.key === "Delete" || event.key === "Backspace") {
      this.choose(event.target as Element, false);
      this.forgetChosen();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const isAtEnd = (list: HTMLElement) =>
  list.scrollLeft + list.clientWidth >= list.scrollWidth - 8 &&
  list.scrollTop + list.clientHeight >= list.scrollHeight - 8;

function idOf(target: Element): number | null {
  const item = target.closest<HTMLElement>("[data-entry]");
  return item ? Number(item.dataset.entry) : null;
}
