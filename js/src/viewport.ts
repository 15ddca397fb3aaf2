// Which part of the canvas a view shows: zoom and pan. Its numbers are scene px and shares of the stage, so that it
// knows no element and stays right when one changes its size.

import { Emitter } from "./emitter";

export type Share = readonly [across: number, down: number];

/** A step of the keys and buttons. */
export const ZOOM_STEP = 1.25;
const SMALLEST = 0.25;
/** The closest look shows so many scene px across. */
const FEWEST_PX = 8;
const CENTER: Share = [0.5, 0.5];

export class Viewport extends Emitter<{ changed: undefined }> {
  /** How many times larger than when the whole canvas fits. */
  zoom = 1;
  /** Scene px in the stage's upper left corner. */
  left = 0;
  top = 0;

  constructor(private readonly size: () => readonly [number, number]) {
    super();
  }

  get fits(): boolean {
    return this.zoom === 1 && this.left === 0 && this.top === 0;
  }

  get maxZoom(): number {
    return Math.max(Math.min(...this.size()) / FEWEST_PX, 1);
  }

  /** Scene px at a place of the page; rect: the stage's there. */
  toScene(rect: DOMRectReadOnly, clientX: number, clientY: number): [x: number, y: number] {
    const [width, height] = this.size();
    return [
      this.left + ((clientX - rect.left) * width) / (rect.width * this.zoom),
      this.top + ((clientY - rect.top) * height) / (rect.height * this.zoom),
    ];
  }

  /** Scene px to a CSS px; rect: the stage's on the page. */
  scale({ width }: DOMRectReadOnly): number {
    return this.size()[0] / ((width || 1) * this.zoom);
  }

  /** The share of the stage at which a place in scene px is seen. */
  toShare(x: number, y: number): Share {
    const [width, height] = this.size();
    return [((x - this.left) * this.zoom) / width, ((y - this.top) * this.zoom) / height];
  }

  fit(): void {
    this.look(1, 0, 0);
  }

  /** What is seen at that share of the stage stays there. */
  zoomTo(zoom: number, at: Share = CENTER): void {
    this.pinch(zoom / this.zoom, at, at);
  }

  /** What was seen at one share is seen at the other, so many times larger. */
  pinch(factor: number, from: Share, to: Share): void {
    const [width, height] = this.size();
    const zoom = Math.min(Math.max(this.zoom * factor, SMALLEST), this.maxZoom);
    const x = this.left + (from[0] * width) / this.zoom;
    const y = this.top + (from[1] * height) / this.zoom;
    this.look(zoom, x - (to[0] * width) / zoom, y - (to[1] * height) / zoom);
  }

  /** The canvas goes along with a hand that moves by so much of the stage. */
  pan(across: number, down: number): void {
    this.pinch(1, [0, 0], [across, down]);
  }

  /** Pans no further than is needed to see a place in scene px. */
  reveal(x: number, y: number): void {
    const [across, down] = this.toShare(x, y).map((share) => Math.min(Math.max(share, 0.06), 0.94) - share);
    if (!this.fits && (across || down)) this.pan(across!, down!);
  }

  private look(zoom: number, left: number, top: number): void {
    const [width, height] = this.size();
    const next = [zoom, inBounds(left, width, zoom), inBounds(top, height, zoom)] as const;
    if (next[0] === this.zoom && next[1] === this.left && next[2] === this.top) return;
    [this.zoom, this.left, this.top] = next;
    this.emit("changed", undefined);
  }
}

/** Where the view may begin: a whole canvas lies in the middle, of a large one any place can come there. */
function inBounds(start: number, length: number, zoom: number): number {
  const seen = length / zoom;
  const slack = (Math.min(Math.max(zoom - 1, 0), 1) * seen) / 2;
  const play = (length - seen) / 2;
  const reach = Math.max(play, 0) + slack;
  return Math.min(Math.max(start, play - reach), play + reach) + 0;
}
