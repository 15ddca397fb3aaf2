// Dragging a row by its grip. Near an edge of what scrolls the list it scrolls on; Escape leaves the row where it was.

import { type Endings, framed } from "./dom";

/** CSS px from an edge within which the list scrolls, and the most of them by frame. */
const EDGE = 32;
const FASTEST = 12;

interface Drag {
  readonly id: string;
  readonly pointer: number;
  /** The place where it would come to lie. */
  to: number;
  /** Of the pointer, CSS px from above. */
  y: number;
}

/** `drop(id, to)`: the place in the list as shown, the uppermost being 0. */
export function reorderable(
  list: HTMLElement,
  endings: Endings,
  drop: (id: string, to: number) => void,
): void {
  let drag: Drag | null = null;
  const rows = () => [...list.querySelectorAll<HTMLElement>("[data-region]")];
  const rowOf = (target: EventTarget | null) =>
    target instanceof Element && target.closest(".sd-grip")
      ? target.closest<HTMLElement>("[data-region]")
      : null;

  const aim = () => {
    if (!drag) return;
    const { id, y } = drag;
    const all = rows();
    const above = all.filter((row) => {
      const rect = row.getBoundingClientRect();
      return y > rect.top + rect.height / 2;
    }).length;
    const from = all.findIndex((row) => row.dataset.region === id);
    drag.to = above > from ? above - 1 : above;
    for (const [i, row] of all.entries()) {
      const before = i === above && above !== from && above !== from + 1;
      const after = i === all.length - 1 && above === all.length && from !== i;
      row.dataset.drop = before ? "before" : after ? "after" : "";
    }
  };
  const scroll = framed(() => {
    if (!drag) return;
    const frame = scrollerOf(list);
    const step = frame ? scrollStep(drag.y, frame.getBoundingClientRect()) : 0;
    if (!frame || !step) return;
    const before = frame.scrollTop;
    frame.scrollTop += step;
    if (frame.scrollTop === before) return;
    aim();
    scroll();
  });
  const end = (keep: boolean) => {
    if (!drag) return;
    const { id, to } = drag;
    drag = null;
    scroll.cancel();
    for (const row of rows()) {
      delete row.dataset.drop;
      delete row.dataset.dragged;
    }
    if (keep) drop(id, to);
  };
  const ours = (event: PointerEvent) => drag !== null && event.pointerId === drag.pointer;

  endings.listen(list, "pointerdown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.button !== 0) return;
    event.preventDefault();
    end(false);
    drag = {
      id: row.dataset.region as string,
      pointer: event.pointerId,
      to: rows().indexOf(row),
      y: event.clientY,
    };
    list.setPointerCapture(event.pointerId);
    row.dataset.dragged = "";
  });
  endings.listen(list, "pointermove", (event) => {
    if (!drag || !ours(event)) return;
    drag.y = event.clientY;
    aim();
    scroll();
  });
  endings.listen(list, "pointerup", (event) => ours(event) && end(true));
  endings.listen(list, "pointercancel", (event) => ours(event) && end(false));
  // Wherever the focus is: the drag has left it there.
  endings.listen<"keydown">(
    window,
    "keydown",
    (event) => {
      if (!drag || event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end(false);
    },
    { capture: true },
  );
  endings.add(() => end(false));
}

/** What scrolls the list, which in a narrow view is not the panel but the notebook. */
function scrollerOf(list: HTMLElement): HTMLElement | null {
  for (let outer = list.parentElement; outer; outer = outer.parentElement) {
    const scrolls = /auto|scroll/.test(getComputedStyle(outer).overflowY);
    if (scrolls && outer.scrollHeight > outer.clientHeight) return outer;
  }
  return null;
}

/** How far to scroll in a frame, CSS px, with the pointer at `y`: the faster the nearer to the edge, 0 away from it. */
export function scrollStep(
  y: number,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): number {
  const speed = (depth: number) => Math.ceil((FASTEST * Math.min(depth, EDGE)) / EDGE);
  if (y < top + EDGE) return -speed(top + EDGE - y);
  return y > bottom - EDGE ? speed(y - (bottom - EDGE)) : 0;
}
