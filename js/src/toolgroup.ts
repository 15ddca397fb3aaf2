// The buttons of tools that belong together: side by side, or behind one button where the toolbar is narrow.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { ShapeTool } from "./shaper";
import type { Store, Tool } from "./store";

/** A tool with a button here; the icon has its name. */
type GroupTool = ShapeTool | "transform" | "eyedropper" | "hand";
type Line = readonly [tool: GroupTool, label: string, key: string, hint: string];

export const SHAPES: readonly Line[] = [
  ["rectangle", "Rectangle", "R", "drag it; Shift for a square, Alt to take away"],
  ["ellipse", "Ellipse", "O", "drag it; Shift for a circle, Alt to take away"],
  ["lasso", "Lasso", "L", "draw around an area, or click corners and press Enter; Alt to take away"],
  [
    "bucket",
    "Bucket",
    "G",
    "fills the area under the pointer that no visible region covers; Alt takes away the region's part there",
  ],
  ["magic", "Magic select", "W", "adds the area of similar color in the picture; Alt takes it away"],
];

export const HANDS: readonly Line[] = [
  [
    "transform",
    "Move, scale and rotate the region",
    "V",
    "drag it or its handles; Enter applies, Esc cancels",
  ],
  ["eyedropper", "Choose the region under the pointer", "I", "Alt-click does it with the brush"],
  ["hand", "Move the view", "H", "or hold Space, or drag with the middle button or two fingers"],
];

export function toolGroup(
  label: string,
  testId: string,
  tools: readonly Line[],
  store: Store,
  endings: Endings,
): HTMLElement {
  const buttons = tools.map(([tool, label, key, hint]) =>
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
  const list = h("div", "shapes-list", { role: "group", "aria-label": label }, ...buttons);
  const more = iconButton({
    icon: tools[0]![0],
    label,
    testId,
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

  let shown: Tool = tools[0]![0];
  const show = () => {
    tools.forEach(([tool], i) => {
      setAttributes(buttons[i]!, { "aria-pressed": String(store.tool === tool) });
    });
    const ours = tools.find(([tool]) => tool === store.tool)?.[0];
    setAttributes(more, { "aria-pressed": String(ours !== undefined) });
    if (!ours || ours === shown) return;
    shown = ours;
    more.replaceChildren(icon(ours));
  };
  endings.add(store.on("ui", show));
  show();
  return element;
}
