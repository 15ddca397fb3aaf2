// One drag of a slider, or one visit to the browser's palette of colors, is one step of undo, whatever its duration;
// the next one is another step.

import type { Endings } from "./dom";
import type { History } from "./history";

export function dragsAreSteps(root: HTMLElement, history: History, endings: Endings): void {
  const kindOf = ({ target }: Event) => (target instanceof HTMLInputElement ? target.type : "");
  let timer: ReturnType<typeof setTimeout> | undefined;
  // The palette lies outside of the page: it tells of no pointer.
  let picking = false;
  const release = () => {
    clearTimeout(timer);
    picking = false;
    history.release();
  };
  endings.listen<"pointerdown">(
    root,
    "pointerdown",
    (event) => {
      release();
      if (kindOf(event) === "range") history.hold();
    },
    { capture: true },
  );
  // Some browsers tell the last value after this.
  for (const type of ["pointerup", "pointercancel"])
    endings.listen(window, type, () => {
      clearTimeout(timer);
      timer = setTimeout(release);
    });
  endings.listen(
    root,
    "input",
    (event) => {
      if (kindOf(event) !== "color" || picking) return;
      history.hold();
      picking = true;
    },
    { capture: true },
  );
  endings.listen(root, "change", (event) => {
    if (kindOf(event) === "color") release();
  });
  endings.add(release);
}
