// A menu that drops from a button, as the ARIA practices want it: arrows, Home and End move, Enter, Space and an
// item's own key choose, Escape and Tab close. Knows nothing of what its items do.

import { ariaKeys, h, newId, setAttributes } from "./dom";
import { moveTo } from "./float";

export interface Item {
  readonly name: string;
  readonly label: string;
  /** The key that does the same. */
  readonly key: string;
  /** The key as people read it, where that is something else. */
  readonly cap?: string;
  /** For one that is on or off. */
  readonly on?: boolean;
  /** Why it cannot be chosen; "" if it can. It can be reached all the same, to be read. */
  readonly obstacle: string;
}

export interface MenuParts {
  /** What the items are about. */
  readonly label: () => string;
  readonly items: () => readonly Item[];
  /** Called with the menu closed; `back` is where the focus was, the button itself if it came from there. */
  readonly choose: (name: string, back: HTMLElement) => void;
  /** The item that a key stands for. */
  readonly keyed: (event: KeyboardEvent) => string | undefined;
}

export class Menu {
  private readonly list = h("div", "menu", {
    role: "menu",
    id: newId("menu"),
    "data-testid": "sd-menu",
  });
  private back: HTMLElement;
  private openWhenPressed = false;
  private readonly place = () => moveTo(this.button, this.list);

  constructor(
    private readonly button: HTMLElement,
    private readonly parts: MenuParts,
  ) {
    this.back = button;
    setAttributes(button, { "aria-haspopup": "menu", "aria-expanded": "false" });
    // A press takes the focus from the menu, which closes it; the click that follows must not open it again.
    button.addEventListener("pointerdown", () => {
      this.openWhenPressed = this.isOpen;
    });
    button.addEventListener("click", () => {
      const close = this.isOpen || this.openWhenPressed;
      this.openWhenPressed = false;
      if (close) this.close(true);
      else this.open();
    });
    button.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      this.open(button, event.key === "ArrowUp" ? -1 : 0);
    });
    this.list.addEventListener("keydown", (event) => this.keyDown(event));
    this.list.addEventListener("click", (event) => this.take(event.target as Element));
    this.list.addEventListener("pointermove", (event) => this.itemOf(event.target as Element)?.focus());
    this.list.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.list.contains(relatedTarget as Node | null)) this.close(false);
    });
  }

  get isOpen(): boolean {
    return this.list.isConnected;
  }

  /** `back` gets the focus when it closes. `at`: the item that is in focus first, -1 the last one. */
  open(back = this.button, at = 0): void {
    const root = this.button.closest<HTMLElement>(".sd-root");
    if (!root) return;
    this.back = back;
    this.show();
    root.append(this.list);
    root.addEventListener("scroll", this.place, true); // whatever scrolls in the view takes the menu along
    setAttributes(this.button, { "aria-expanded": "true", "aria-controls": this.list.id });
    this.place();
    this.items.at(at)?.focus({ preventScroll: true });
  }

  /** `giveBack`: the focus returns to where it was. */
  close(giveBack: boolean): void {
    if (!this.isOpen) return;
    this.list.parentElement?.removeEventListener("scroll", this.place, true);
    setAttributes(this.button, { "aria-expanded": "false", "aria-controls": null });
    // First the focus: a list that is taken away in focus would be told that it lost it.
    if (giveBack) this.back.focus({ preventScroll: true });
    this.list.remove();
  }

  /** The items are others, or can be chosen now or no more. */
  update(): void {
    if (!this.isOpen) return;
    this.show();
    this.place();
  }

  private get items(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  /** Keeps the elements, since one of them may be in focus. */
  private show(): void {
    const items = this.parts.items();
    setAttributes(this.list, { "aria-label": this.parts.label() });
    items.forEach((item, i) => {
      let element = this.items[i];
      if (element?.dataset.item !== item.name) {
        element = this.build(item);
        this.list.children[i]?.remove();
        this.list.insertBefore(element, this.list.children[i] ?? null);
      }
      setAttributes(element, {
        "aria-checked": item.on === undefined ? null : String(item.on),
        "aria-disabled": item.obstacle ? "true" : null,
        "aria-description": item.obstacle || null,
        title: item.obstacle || null,
      });
    });
    for (const surplus of this.items.slice(items.length)) surplus.remove();
  }

  private build({ name, label, key, cap = key, on }: Item): HTMLElement {
    return h(
      "div",
      "menu-item",
      {
        role: on === undefined ? "menuitem" : "menuitemcheckbox",
        tabindex: -1,
        "data-item": name,
        "data-testid": `sd-menu-${name}`,
        "aria-keyshortcuts": ariaKeys(key),
      },
      h("span", "menu-label", {}, label),
      h("span", "menu-key", { "aria-hidden": "true" }, cap),
    );
  }

  private itemOf(target: Element): HTMLElement | null {
    return target.closest<HTMLElement>("[data-item]");
  }

  private keyDown(event: KeyboardEvent): void {
    const { items } = this;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const keyed = this.parts.keyed(event);
    const chosen = keyed && items.find((item) => item.dataset.item === keyed);
    if (event.key === "Tab") {
      this.close(true); // and Tab goes on from there
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    event.stopPropagation(); // single keys mean something else to the canvas
    if (chosen) this.take(chosen);
    else if (event.key === "Enter" || event.key === " ") this.take(document.activeElement as Element);
    else if (event.key === "Escape") this.close(true);
    else {
      const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
      if (step === undefined || event.altKey) return;
      items.at(step % items.length)?.focus();
    }
    event.preventDefault();
  }

  private take(target: Element): void {
    const item = this.itemOf(target);
    if (!item) return;
    const { back } = this;
    this.close(true);
    this.parts.choose(item.dataset.item as string, back);
  }
}
