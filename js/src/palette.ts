// Region colors that color-blind people can tell apart: Okabe and Ito's, then four more. The same list, in the
// same order, as COLORS in semanticdraw_widget/region_handle.py.

export const COLOR_NAMES = {
  "#e69f00": "orange",
  "#56b4e9": "skyBlue",
  "#009e73": "green",
  "#f0e442": "yellow",
  "#0072b2": "blue",
  "#d55e00": "vermilion",
  "#cc79a7": "pink",
  "#8c6bb1": "purple",
  "#66c2a5": "seaGreen",
  "#a6761d": "brown",
  "#b2df8a": "lightGreen",
  "#999999": "gray",
} as const;

export type Color = keyof typeof COLOR_NAMES;

export const COLORS = Object.keys(COLOR_NAMES) as Color[];

/** The first color that is taken least often. */
export function nextColor(taken: readonly string[]): string {
  const uses = COLORS.map((color) => taken.filter((other) => other === color).length);
  return COLORS[uses.indexOf(Math.min(...uses))] as string;
}

/** The color after `color` that is not taken; where all are, the one after it. */
export function colorAfter(color: string, taken: readonly string[]): Color {
  const at = COLORS.indexOf(color as Color);
  const next = COLORS.map((_, i) => COLORS[(at + 1 + i) % COLORS.length] as Color);
  return next.find((one) => one !== color && !taken.includes(one)) ?? (next[0] as Color);
}

/** "#rrggbb" as three bytes; middle gray for anything else. */
export function rgb(color: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return [153, 153, 153];
  return [1, 2, 3].map((i) => Number.parseInt(match[i] as string, 16)) as [number, number, number];
}
