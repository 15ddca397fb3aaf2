// Edits wait while the canvas is paused; "Paint again" paints once all the same.

import { COMMAND } from "./command";
import { type Endings, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { Store } from "./store";

export function togglePause(store: Store): void {
  store.tune({ paused: !store.paused });
  store.tell({
    did: store.paused ? `Paused: edits wait. ${COMMAND}+Enter paints once.` : "Edits are painted again.",
  });
}

/** A button in the status line. */
export function pauseButton(store: Store, endings: Endings): HTMLButtonElement {
  const button = iconButton({
    icon: "pause",
    label: "Pause painting",
    key: "K",
    classes: "status-button",
    testId: "sd-pause",
    click: () => togglePause(store),
  });
  let paused: boolean | null = null;
  const show = () => {
    if (paused === store.paused) return;
    paused = store.paused;
    button.replaceChildren(icon(paused ? "play" : "pause"));
    setAttributes(button, {
      "aria-pressed": String(paused),
      title: `${paused ? "Paused: paint on" : "Pause painting"} (K)`,
    });
  };
  endings.add(store.on("values", show));
  show();
  return button;
}
