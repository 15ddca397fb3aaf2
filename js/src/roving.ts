// Arrow keys in a grid that Tab passes by in one step. The grid's rows are as long as there is room, so neighbors are
// found by where they lie.

type Place = { readonly left: number; readonly top: number };

/** The index of the neighbor of `at` in the direction of an arrow key; `at` itself where there is none. */
export function neighbor(places: readonly Place[], at: number, key: string): number {
  const here = places[at];
  if (!here) return at;
  if (key === "ArrowRight") return Math.min(at + 1, places.length - 1);
  if (key === "ArrowLeft") return Math.max(at - 1, 0);
  const way = key === "ArrowDown" ? 1 : -1;
  const beyond = places
    .map((place, index) => ({
      index,
      rows: way * (place.top - here.top),
      aside: Math.abs(place.left - here.left),
    }))
    .filter(({ rows }) => rows > 1);
  const nearest = Math.min(...beyond.map(({ rows }) => rows));
  const row = beyond.filter(({ rows }) => rows < nearest + 2);
  return row.sort((a, b) => a.aside - b.aside)[0]?.index ?? at;
}

/** Lets arrows, Home and End move among the items of `root` that `items` lists; gives back what to call when they
 * have changed. */
export function rovingGrid(root: HTMLElement, items: () => HTMLElement[]): () => void {
  const only = (chosen: HTMLElement | undefined) => {
    for (const item of items()) item.tabIndex = item === chosen ? 0 : -1;
  };
  root.addEventListener("focusin", (event) => {
    const item = items().find((one) => one === event.target);
    if (item) only(item);
  });
  root.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target as HTMLElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    let next: number;
    if (event.key === "Home") next = 0;
    else if (event.key === "End") next = all.length - 1;
    else if (event.key.startsWith("Arrow")) {
      next = neighbor(
        all.map((item) => item.getBoundingClientRect()),
        at,
        event.key,
      );
    } else return;
    event.preventDefault();
    event.stopPropagation();
    all[next]?.focus({ preventScroll: true });
    all[next]?.scrollIntoView?.({ block: "nearest" });
  });
  return () => {
    const all = items();
    if (!all.some((item) => item.tabIndex === 0)) only(all[0]);
  };
}
