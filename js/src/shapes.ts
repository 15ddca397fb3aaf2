// Filled shapes in masks. A pixel is inside if its center is.

import type { Mask } from "./mask";

/** Corners x, y, x, y, ... in px; crossings count by the even-odd rule. */
export function fillPolygon(mask: Mask, corners: readonly number[]): void {
  for (let row = 0; row < mask.height; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (let i = 0; i < corners.length; i += 2) {
      const [ax, ay] = [corners[i]!, corners[i + 1]!];
      const [bx, by] = [corners[(i + 2) % corners.length]!, corners[(i + 3) % corners.length]!];
      if (ay <= y !== by <= y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) fillRow(mask, row, crossings[i]!, crossings[i + 1]!);
  }
}

export function fillEllipse(mask: Mask, cx: number, cy: number, rx: number, ry: number): void {
  for (let row = 0; row < mask.height; row++) {
    const share = 1 - ((row + 0.5 - cy) / ry) ** 2;
    if (share >= 0) fillRow(mask, row, cx - rx * Math.sqrt(share), cx + rx * Math.sqrt(share));
  }
}

function fillRow(mask: Mask, row: number, from: number, to: number): void {
  const first = Math.max(Math.ceil(from - 0.5), 0);
  const last = Math.min(Math.floor(to - 0.5), mask.width - 1);
  if (first <= last) mask.data.fill(255, row * mask.width + first, row * mask.width + last + 1);
}
