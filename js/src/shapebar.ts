// The buttons of the shape tools: side by side, or behind one button where the toolbar is narrow.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { type IconName, icon } from "./icons";
import { isShapeTool, type ShapeTool } from "./shaper";
import type { Store } from "./store";

const TOOLS: readonly (readonly [tool: ShapeTool, label: string, key: string, hint: string])[] = [
  ["rectangle", "Rectangle", "R", "drag it; Shift for a square, Alt to take away"],
  ["ellipse", "Ellipse", "O", "drag it; Shift for a circle, Alt to take away"],
  ["lasso", "Lasso", "L", "draw around an area, or click corners and press Enter; Alt to take away"],
  [
    "bucket",
    "Bucket",
    "G",
    "fills the area under the pointer that no visible region covers; Alt takes away the region's part there",
  ],
];

export function shapeButtons(store: Store, endings: Endings): HTMLElement {
  const buttons = TOOLS.map(([tool, label, key, hint]) =>
    iconButton({
      icon: tool,
      label,
      key,
      hint,
      testId: `sd-${tool}`,
      click: () => {
        const folded = isOpen();
        store.set({ tool });
        open(false);
        if (folded) more.focus({ preventScroll: true });
      },
    }),
  );
  const list = h("div", "shapes-list", { role: "group", "aria-label": "Shapes" }, ...buttons);
  const more = iconButton({
    icon: "rectangle",
    label: "Shapes",
    testId: "sd-shapes",
    classes: "shapes-more",
    click: () => open(!isOpen()),
  });
  setAttributes(more, { "aria-haspopup": "true", "aria-expanded": "false" });
  const element = h("div", "shapes", {}, more, list);

  const isOpen = () => list.hasAttribute("data-open");
  const open = (shown: boolean) => {
    list.toggleAttribute("data-open", shown);
    setAttributes(more, { "aria-expanded": String(shown) });
  };
  endings.listen(element, "keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    event.stopPropagation();
    open(false);
    more.focus({ preventScroll: true });
  });
  endings.listen(document, "pointerdown", (event) => {
    if (!(event.target instanceof Node && element.contains(event.target))) open(false);
  });

  let shown: IconName = "rectangle";
  const show = () => {
    TOOLS.forEach(([tool], i) => {
      setAttributes(buttons[i]!, { "aria-pressed": String(store.tool === tool) });
    });
    setAttributes(more, { "aria-pressed": String(isShapeTool(store.tool)) });
    if (!isShapeTool(store.tool) || store.tool === shown) return;
    shown = store.tool;
    more.replaceChildren(icon(shown));
  };
  endings.add(store.on("ui", show));
  show();
  return element;
}
