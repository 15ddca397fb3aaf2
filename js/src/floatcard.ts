// A card that a button unfolds and folds. It floats over the view, so that nothing moves.

import { type Endings, h, newId, setAttributes } from "./dom";
import { moveTo } from "./float";

interface CardOptions {
  label: string;
  testId: string;
  /** Also folded by a press elsewhere, as what is chosen once is. */
  passing?: boolean;
  /** Called when it unfolds, before it is placed. */
  show: () => void;
}

export class FloatCard {
  readonly element: HTMLElement;
  private back: HTMLElement | null = null;
  private anchor: HTMLElement;
  private readonly place = () => moveTo(this.anchor, this.element);

  constructor(
    private readonly button: HTMLElement,
    endings: Endings,
    private readonly options: CardOptions,
  ) {
    this.anchor = button;
    const { label, testId, passing } = options;
    const attributes = { role: "group", id: newId("card"), "aria-label": label, "data-testid": testId };
    this.element = h("div", "float-card", attributes);
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !this.isOpen) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    };
    this.element.addEventListener("keydown", onEscape);
    button.addEventListener("keydown", onEscape);
    const pressed = ({ target }: Event) => {
      const inside = target instanceof Node && (this.element.contains(target) || button.contains(target));
      if (this.isOpen && !inside) this.close();
    };
    if (passing) endings.listen(document, "pointerdown", pressed, { capture: true });
    endings.listen(window, "resize", () => this.isOpen && this.place());
    endings.add(() => this.close());
  }

  get isOpen(): boolean {
    return this.element.isConnected;
  }

  /** `back` gets the focus when it folds with the focus in it; it floats beside `anchor`. */
  open(back = this.button, anchor = this.button): void {
    const root = this.button.closest<HTMLElement>(".sd-root");
    if (!root || this.isOpen) return;
    this.back = back;
    this.anchor = anchor;
    root.append(this.element);
    root.addEventListener("scroll", this.place, true); // whatever scrolls in the view takes the card along
    this.options.show();
    this.place();
    if (this.button.hasAttribute("aria-expanded"))
      setAttributes(this.button, { "aria-expanded": "true", "aria-controls": this.element.id });
  }

  close(): void {
    if (!this.isOpen) return;
    const inside = this.element.contains(document.activeElement);
    this.element.parentElement?.removeEventListener("scroll", this.place, true);
    this.element.remove();
    if (this.button.hasAttribute("aria-expanded"))
      setAttributes(this.button, { "aria-expanded": "false", "aria-controls": null });
    if (inside) this.back?.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }
}
