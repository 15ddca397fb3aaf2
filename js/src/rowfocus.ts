// The buttons of the regions' rows by keys: Tab stops at those of the chosen row alone, the arrows lead to the others.
// At grips and prompts it stops in every row; whatever gets the focus chooses its row, so that Tab leads on to the rest.

const BUTTONS = ".sd-row-main :is(.sd-grip, .sd-dot-input, .sd-row-button)";
const STEPS: Record<string, readonly [across: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const buttonsOf = (row: Element | undefined) => [...(row?.querySelectorAll<HTMLElement>(BUTTONS) ?? [])];

/** Whether Tab stops at the buttons of a row, but for the grip. */
export function tabStops(row: HTMLElement, stops: boolean): void {
  const index = stops ? 0 : -1;
  for (const button of buttonsOf(row).slice(1)) if (button.tabIndex !== index) button.tabIndex = index;
}

/** Where an arrow leads from a button of a row: in the row, or to the like of it in the next one; null if nowhere. */
export function neighborOf(list: HTMLElement, event: KeyboardEvent): HTMLElement | null {
  const step = STEPS[event.key];
  const from = event.target as HTMLElement;
  if (!step || event.altKey || event.ctrlKey || event.metaKey || !from.matches(BUTTONS)) return null;
  const [across, down] = step;
  const rows = [...list.children];
  const at = rows.findIndex((row) => row.contains(from));
  if (across) {
    const shown = buttonsOf(rows[at]).filter((button) => !button.hidden);
    return shown[shown.indexOf(from) + across] ?? null;
  }
  const to = buttonsOf(rows[at + down])[buttonsOf(rows[at]).indexOf(from)];
  // A row that is not locked has no lock to be in focus.
  return to?.hidden
    ? (buttonsOf(rows[at + down]).findLast((button) => !button.hidden) ?? null)
    : (to ?? null);
}
