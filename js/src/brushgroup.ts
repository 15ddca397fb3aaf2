// The brushes that a person has saved, as a group of the palette: pick one and paint.

import { type Brush, fieldsOf } from "./brushes";
import { exportBrushes, importBrushes, removeBrush } from "./brushfile";
import { h, iconButton, setAttributes } from "./dom";
import type { Texts } from "./language";
import type { Store } from "./store";

export class BrushGroup {
  readonly grid = h("div", "concepts brushes", { role: "group" });
  readonly element: HTMLElement;
  private readonly save: HTMLButtonElement;
  private built: readonly Brush[] | null = null;

  /** picked: the hand goes to the canvas. */
  constructor(
    private readonly store: Store,
    private readonly picked: () => void,
  ) {
    const texts = store.texts.brushes;
    setAttributes(this.grid, { "aria-label": texts.label });
    const input = h("input", "", {
      type: "file",
      accept: ".json",
      hidden: true,
      "aria-label": texts.file,
      "data-testid": "sd-brush-file",
    });
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) void importBrushes(store, file);
      input.value = ""; // the same file may be chosen again
    });
    const take = iconButton({
      icon: "import",
      label: texts.import,
      classes: "row-button",
      testId: "sd-import-brushes",
      click: () => input.click(),
    });
    this.save = iconButton({
      icon: "export",
      label: texts.export,
      classes: "row-button",
      testId: "sd-export-brushes",
      click: () => exportBrushes(store),
    });
    const title = h(
      "h4",
      "palette-title brushes-title",
      {},
      texts.label,
      h("span", "spacer"),
      take,
      this.save,
    );
    this.element = h("div", "palette-group", {}, title, this.grid, input);
  }

  /** Builds them again if there are others; says whether it did. */
  build(): boolean {
    const { store, grid } = this;
    if (this.built === store.brushes) return false;
    this.built = store.brushes;
    this.save.disabled = store.brushes.length === 0;
    const nothing = h("p", "palette-empty", {}, store.texts.brushes.none);
    grid.replaceChildren(
      ...(store.brushes.length ? store.brushes.map((brush) => this.chip(brush)) : [nothing]),
    );
    return true;
  }

  private chip(brush: Brush): HTMLElement {
    const { store } = this;
    const use = h(
      "button",
      "chip brush-chip",
      {
        type: "button",
        tabindex: -1,
        title: told(brush, store.texts),
        "data-word": brush.name,
        "data-testid": "sd-brush-chip",
        "aria-keyshortcuts": "Delete",
      },
      h("span", "brush-dot", { "aria-hidden": "true" }),
      h("span", "brush-name", {}, brush.name),
    );
    use.style.setProperty("--sd-color", brush.color || "transparent");
    use.addEventListener("click", () => this.use(brush));
    use.addEventListener("keydown", (event) => {
      if (!["Delete", "Backspace"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const place = store.brushes.indexOf(brush);
      removeBrush(store, brush);
      const chips = [...this.grid.querySelectorAll<HTMLElement>(".sd-brush-chip")];
      (chips[Math.min(place, chips.length - 1)] ?? this.save).focus({ preventScroll: true });
    });
    const remove = iconButton({
      icon: "close",
      label: store.texts.brushes.remove(brush.name),
      key: "Del",
      cap: store.texts.key("Del"),
      classes: "brush-remove",
      testId: "sd-remove-brush",
      click: () => removeBrush(store, brush),
    });
    remove.tabIndex = -1; // the chip's Del does it, too
    return h("span", "brush-item", {}, use, remove);
  }

  /** The region in hand gets it if it has no prompt yet; else it is a new region to paint. */
  private use(brush: Brush): void {
    const { store } = this;
    const active = store.region(store.active);
    if (active && active.prompt.trim() === "" && !active.locked) {
      const { color: _, ...fields } = fieldsOf(brush, store.regions);
      store.updateRegion(active.id, fields);
    } else store.addRegion(fieldsOf(brush, store.regions));
    if (store.tool === "eraser") store.set({ tool: "brush" });
    this.picked();
  }
}

/** What a brush is, as a tooltip. */
function told(brush: Brush, { details, percent, px }: Texts): string {
  const { prompt, negative_prompt, strength, prompt_strength, feather, seed } = brush;
  const { summary } = details;
  return [
    prompt,
    negative_prompt && summary.negative(negative_prompt),
    strength < 1 && summary.strength(percent(100 * strength)),
    prompt_strength < 1 && summary.promptStrength(percent(100 * prompt_strength)),
    feather !== null && summary.feather(px(feather)),
    seed !== null && summary.seed(seed),
  ]
    .filter(Boolean)
    .join(" · ");
}
