// Before and after: a picture of the history over the canvas, up to a line that one moves.

import { type Endings, h, setAttributes } from "./dom";
import type { Texts } from "./language";
import type { Past } from "./past";

const STEP = 2;

export function compare(past: Past, endings: Endings, { history, format, percent }: Texts): HTMLElement {
  const picture = (side: string) =>
    h("img", `compare-picture compare-${side}`, { alt: "", draggable: "false" });
  const [before, after] = [picture("before"), picture("after")];
  const [left, right] = [h("span", "compare-name"), h("span", "compare-name compare-name-after")];
  const line = h("div", "compare-line", {
    role: "slider",
    tabindex: 0,
    "aria-label": history.compare,
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "data-testid": "sd-compare-line",
  });
  const element = h(
    "div",
    "compare",
    { "data-testid": "sd-compare", hidden: true },
    after,
    before,
    left,
    right,
    line,
  );
  let share = 50;
  const move = (to: number) => {
    share = Math.min(Math.max(to, 0), 100);
    element.style.setProperty("--sd-at", `${share}%`);
    const text = history.before(percent(share));
    setAttributes(line, { "aria-valuenow": Math.round(share), "aria-valuetext": text });
  };
  const follow = (event: PointerEvent) => {
    const box = element.getBoundingClientRect();
    move((100 * (event.clientX - box.left)) / (box.width || 1));
  };
  endings.listen<"pointerdown">(element, "pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return; // a context menu, the heel of a hand
    event.preventDefault();
    element.setPointerCapture?.(event.pointerId);
    line.focus({ preventScroll: true });
    follow(event);
  });
  endings.listen<"pointermove">(element, "pointermove", (event) => {
    if (event.isPrimary && event.buttons & 1) follow(event);
  });
  endings.listen<"keydown">(line, "keydown", (event) => {
    const to = {
      ArrowLeft: share - STEP,
      ArrowRight: share + STEP,
      PageDown: share - 10,
      PageUp: share + 10,
      Home: 0,
      End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(to);
  });
  const show = () => {
    const [first, second] = past.compared;
    const [one, two] = [past.entry(first), past.entry(second)];
    if (element.hidden && one) move(50);
    element.hidden = !one;
    element.parentElement?.toggleAttribute("data-comparing", one !== undefined);
    if (!one) return;
    set(before, past.picture(one.id));
    left.textContent = format.clock(one.madeAt);
    after.hidden = !two;
    if (two) set(after, past.picture(two.id));
    right.textContent = two ? format.clock(two.madeAt) : history.now;
  };
  endings.add(past.on("changed", show));
  show();
  return element;
}

function set(image: HTMLImageElement, source: string | null): void {
  if (source === null) image.removeAttribute("src");
  else if (image.getAttribute("src") !== source) image.src = source;
}
