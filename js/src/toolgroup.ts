// The buttons of tools that belong together: side by side, or behind one button where the toolbar is narrow.

import { type Endings, h, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { ShapeTool } from "./shaper";
import type { Store, Tool } from "./store";

/** A tool with a button here; the icon has its name. */
type GroupTool = ShapeTool | "transform" | "eyedropper" | "hand";
type Line = readonly [tool: GroupTool, key: string];

export const SHAPES: readonly Line[] = [
  ["rectangle", "R"],
  ["ellipse", "O"],
  ["lasso", "L"],
  ["bucket", "G"],
  ["magic", "W"],
];

export const HANDS: readonly Line[] = [
  ["transform", "V"],
  ["eyedropper", "I"],
  ["hand", "H"],
];

export function toolGroup(
  label: string,
  testId: string,
  tools: readonly Line[],
  store: Store,
  endings: Endings,
): HTMLElement {
  const buttons = tools.map(([tool, key]) =>
    iconButton({
      icon: tool,
      ...store.texts.tools[tool],
      key,
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
