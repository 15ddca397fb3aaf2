// Lists that float over the view, so that nothing moves, and stay within it, since a notebook cuts off what leaves a
// cell's output.

/** Puts `list`, a child of the view's root, under `anchor`, or above it where there is more room. */
export function moveTo(anchor: HTMLElement, list: HTMLElement): void {
  const root = list.parentElement;
  if (!root) return;
  list.style.left = "0"; // where it was before may leave it too little width to tell how much it wants
  const frame = root.getBoundingClientRect();
  const box = anchor.getBoundingClientRect();
  const [top, bottom] = seen(root);
  const [above, below] = [box.top - top, bottom - box.bottom];
  const upwards = below < list.offsetHeight + 8 && above > below;
  list.style.maxHeight = `${Math.max(Math.floor(upwards ? above : below) - 8, 64)}px`;
  list.style.top = upwards ? "" : `${box.bottom - frame.top + 4}px`;
  list.style.bottom = upwards ? `${frame.bottom - box.top + 4}px` : "";
  const left = Math.min(box.left - frame.left, frame.width - list.offsetWidth - 4);
  list.style.left = `${Math.max(left, 4)}px`;
}

/** The upper and the lower edge of what can be seen of an element. */
function seen(element: HTMLElement): [top: number, bottom: number] {
  let { top, bottom } = element.getBoundingClientRect();
  [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
  for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
    if (["visible", ""].includes(getComputedStyle(outer).overflowY)) continue;
    const box = outer.getBoundingClientRect();
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
  }
  return [top, bottom];
}
