// Edits wait while the canvas is paused; "Paint again" paints once all the same.

import { COMMAND } from "./command";
import { type Endings, iconButton, setAttributes } from "./dom";
import { icon } from "./icons";
import type { Store } from "./store";

export function togglePause(store: Store): void {
  const { pause: texts, key } = store.texts;
  store.tune({ paused: !store.paused });
  store.tell({
    did: store.paused ? texts.paused(key(`${COMMAND}+Enter`)) : texts.resumed,
  });
}

/** A button in the status line. */
export function pauseButton(store: Store, endings: Endings): HTMLButtonElement {
  const texts = store.texts.pause;
  const button = iconButton({
    icon: "pause",
    label: texts.pause,
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
      title: `${paused ? texts.goOn : texts.pause} (K)`,
    });
  };
  endings.add(store.on("values", show));
  show();
  return button;
}
