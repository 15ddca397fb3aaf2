// One line about the kernel, the model and how quick it is, and a button that unfolds the rest of it.

import { type Endings, h, setAttributes } from "./dom";
import type { Frame } from "./frames";
import { statistics } from "./statistics";
import type { Store } from "./store";

const SAID_MS = 5000;

export class StatusLine {
  readonly element = h("div", "status", { "data-testid": "sd-status" });
  private readonly state = h("span", "state", { role: "status", "aria-live": "polite" });
  private readonly model = h("span", "fact fact-model");
  private readonly step = h("span", "fact fact-step");
  private readonly fps = h("span", "fact");
  private readonly preview = h("span", "fact");
  private readonly said = h("span", "said", {
    role: "status",
    "aria-live": "polite",
    "data-testid": "sd-said",
  });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private painted: Frame | null = null;

  constructor(
    private readonly store: Store,
    endings: Endings,
  ) {
    this.element.append(h("span", "light", { "aria-hidden": "true" }), this.state, this.model);
    const unfold = statistics(store, endings, [this.fps, this.preview]);
    this.element.append(this.said, h("span", "spacer"), this.step, unfold);
    endings.add(
      store.on("status", () => this.show()),
      store.on("values", () => this.show()),
      store.on("did", (what) => this.say(what)),
      () => clearTimeout(this.timer),
    );
    this.show();
  }

  /** A frame is on screen. */
  shows(frame: Frame): void {
    this.painted = frame;
    setAttributes(this.element, { "data-kind": frame.kind, "data-revision": frame.revision });
    this.show();
  }

  /** For a while, in place of the facts. It is never hidden: only what is there already is read out when it changes. */
  private say(what: string): void {
    this.said.textContent = this.said.title = what;
    setAttributes(this.element, { "data-says": what !== "" });
    clearTimeout(this.timer);
    if (what) this.timer = setTimeout(() => this.say(""), SAID_MS);
  }

  private show(): void {
    const { status, stats, kernel } = this.store;
    const texts = this.store.texts.status;
    const state = kernel === "ok" ? status.state : kernel;
    setAttributes(this.element, { "data-state": status.state, "data-light": state, "data-kernel": kernel });
    fill(this.state, stateText(this.store));
    this.state.title = kernel === "gone" ? stateText(this.store) : "";
    fill(this.model, [status.model, status.device].filter(Boolean).join(" · "));
    const frame = this.painted;
    const steps = frame && frame.steps > 0 ? texts.step(frame.step, frame.steps) : "";
    fill(this.step, steps);
    fill(this.fps, stats?.fps ? texts.fps(stats.fps) : "");
    fill(this.preview, stats?.first_preview_ms ? texts.ms(stats.first_preview_ms) : "");
  }
}

function stateText({ kernel, cut, status, paused, texts: { status: texts } }: Store): string {
  if (kernel === "gone") {
    if (status.state === "closed") return texts.closed;
    return cut ? texts.cut : texts.gone;
  }
  if (kernel === "busy") return texts.kernelBusy;
  if (status.state === "loading" && status.stage) return status.stage;
  return status.state === "idle" && paused ? texts.paused : texts[status.state];
}

function fill(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}
