// Region colors that color-blind people can tell apart: Okabe and Ito's, then four more. The same list, in the
// same order, as COLORS in semanticdraw_widget/region_handle.py.

export const COLORS = [
  "#e69f00",
  "#56b4e9",
  "#009e73",
  "#f0e442",
  "#0072b2",
  "#d55e00",
  "#cc79a7",
  "#8c6bb1",
  "#66c2a5",
  "#a6761d",
  "#b2df8a",
  "#999999",
] as const;

/** The first color that is taken least often. */
export function nextColor(taken: readonly string[]): string {
  const uses = COLORS.map((color) => taken.filter((other) => other === color).length);
  return COLORS[uses.indexOf(Math.min(...uses))] as string;
}

/** "#rrggbb" as three bytes; middle gray for anything else. */
export function rgb(color: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return [153, 153, 153];
  return [1, 2, 3].map((i) => Number.parseInt(match[i] as string, 16)) as [number, number, number];
}
