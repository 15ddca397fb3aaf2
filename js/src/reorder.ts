// Dragging a row by its grip.

import type { Endings } from "./dom";

/** `drop(from, to)`: places in the list as shown, the uppermost being 0. */
export function reorderable(
  list: HTMLElement,
  endings: Endings,
  drop: (id: string, to: number) => void,
): void {
  let drag: { id: string; pointer: number; to: number } | null = null;
  const rows = () => [...list.querySelectorAll<HTMLElement>("[data-region]")];
  const rowOf = (target: EventTarget | null) =>
    target instanceof Element && target.closest(".sd-grip")
      ? target.closest<HTMLElement>("[data-region]")
      : null;

  endings.listen(list, "pointerdown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.button !== 0) return;
    event.preventDefault();
    drag = { id: row.dataset.region as string, pointer: event.pointerId, to: rows().indexOf(row) };
    list.setPointerCapture(event.pointerId);
    row.dataset.dragged = "";
  });
  endings.listen(list, "pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const all = rows();
    const above = all.filter((row) => {
      const rect = row.getBoundingClientRect();
      return event.clientY > rect.top + rect.height / 2;
    }).length;
    const from = all.findIndex((row) => row.dataset.region === drag?.id);
    drag.to = above > from ? above - 1 : above;
    for (const [i, row] of all.entries()) {
      const before = i === above && above !== from && above !== from + 1;
      const after = i === all.length - 1 && above === all.length && from !== i;
      row.dataset.drop = before ? "before" : after ? "after" : "";
    }
  });
  const end = (event: PointerEvent, keep: boolean) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { id, to } = drag;
    drag = null;
    for (const row of rows()) {
      delete row.dataset.drop;
      delete row.dataset.dragged;
    }
    if (keep) drop(id, to);
  };
  endings.listen(list, "pointerup", (event) => end(event, true));
  endings.listen(list, "pointercancel", (event) => end(event, false));
}
