// The canvas alone on the screen. Its elements stay where they are in the page, so that nothing is lost.

import type { Store } from "./store";

export const isFullScreen = (root: HTMLElement): boolean => document.fullscreenElement === root;

export function toggleFullScreen(store: Store, root: HTMLElement): void {
  const refuse = () => store.tell({ refused: store.texts.view.notFull });
  if (isFullScreen(root)) void document.exitFullscreen().catch(() => {});
  else if (root.requestFullscreen) root.requestFullscreen().catch(refuse);
  else refuse();
}
