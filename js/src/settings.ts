// How the whole scene is painted: its seed, and unfolded, how regions share the network and how guidance works.

import { h, iconButton, newId, setAttributes } from "./dom";
import { choice, line, numberField, seedField } from "./fields";
import { MAX_GUIDANCE, MAX_STEPS } from "./scene";
import type { Store } from "./store";
import { TextSettings } from "./textsettings";
import { vary } from "./variationstrip";

const MODES = [
  { value: "auto", label: "Automatic", told: "An edit shows after one step; the rest stays." },
  { value: "exact", label: "Exact", told: "As published: each region by itself. Slow." },
  { value: "crops", label: "Crops", told: "As exact, but a region sees only its surroundings." },
  { value: "masked", label: "Masked", told: "All regions together after the first step. Quick." },
  { value: "increment", label: "Increment", told: "As masked; an edit repaints only what it changes." },
] as const;

const WAYS = [
  { value: "auto", label: "Automatic", told: "Full if guidance is above 1, else off." },
  { value: "none", label: "Off", told: "No guidance: the quickest." },
  { value: "full", label: "Full", told: "Negative prompts in every step: twice the work." },
  { value: "initialise", label: "Initialise", told: "Negative prompts in the first step only." },
  { value: "self", label: "Self", told: "Away from plain noise: no extra work." },
] as const;

type Known = Pick<Store, "facts" | "guidance" | "cfg" | "steps">;

const ownGuidance = ({ facts, guidance }: Known) => guidance ?? facts?.guidance ?? null;

/** At 1 guidance changes nothing, so that there is nothing to choose. */
export const guidanceIsOff = (known: Known) => ownGuidance(known) === 1;

/** What the chosen way of guidance comes to, with this model and this number. */
export function explainGuidance(known: Known): string {
  const { facts, cfg } = known;
  const told = WAYS.find(({ value }) => value === cfg)?.told ?? "";
  if (guidanceIsOff(known)) return "Guidance 1 changes nothing. Set it higher to choose.";
  if (!facts) return told;
  if (facts.takesGuidance) {
    if (cfg === "auto") return "Right for this model: it takes guidance as a number.";
    return cfg === "none" ? "For this model the same as Automatic." : `${told} Automatic suits this model.`;
  }
  if (cfg !== "auto") return told;
  return (ownGuidance(known) ?? 0) > 1 ? "Full, as guidance is above 1." : "Off, as guidance is not above 1.";
}

/** The foot of the panel. */
export class Settings {
  readonly element: HTMLElement;
  private readonly fold = h("div", "fold settings", {
    role: "group",
    "aria-label": "Settings of the picture",
    id: newId("settings"),
    "data-testid": "sd-settings-fold",
  });
  private readonly toggle = iconButton({
    icon: "sliders",
    label: "Settings: mode, steps, guidance, style",
    key: "S",
    testId: "sd-settings",
    click: () => this.store.set({ settings: !this.store.settings }),
  });
  private readonly seed = seedField({
    label: "Seed",
    testId: "sd-seed",
    placeholder: "0",
    change: (seed) => this.store.setValues({ seed: seed ?? 0 }),
  });
  private readonly mode = choice({
    label: "Mode",
    testId: "sd-mode",
    options: MODES,
    change: (mode) => this.store.setValues({ mode }),
  });
  private readonly steps = numberField({
    label: "Steps",
    testId: "sd-steps",
    min: 1,
    max: MAX_STEPS,
    step: 1,
    reset: "Back to the model's own steps",
    change: (steps) => this.store.setValues({ steps: steps ?? 0 }),
  });
  private readonly guidance = numberField({
    label: "Guidance",
    testId: "sd-guidance",
    min: 0,
    max: MAX_GUIDANCE,
    step: 0.5,
    reset: "Back to the model's own guidance",
    change: (guidance) => this.store.setValues({ guidance }),
  });
  private readonly way = choice({
    label: "Guidance mode",
    testId: "sd-cfg",
    options: WAYS,
    change: (cfg) => this.store.setValues({ cfg }),
  });

  private readonly texts: TextSettings;

  constructor(private readonly store: Store) {
    this.texts = new TextSettings(store);
    const { seed, fold, toggle, mode, way } = this;
    setAttributes(toggle, { "aria-controls": fold.id });
    fold.append(
      line("Mode", mode.input, { title: "How the regions share the network" }),
      mode.explained,
      line("Steps", this.steps.element, {
        title: `1 to ${MAX_STEPS}; more are slower. Empty: the model's own`,
      }),
      line("Guidance", this.guidance.element, {
        title: `How firmly the picture follows the prompts, 0 to ${MAX_GUIDANCE}. Empty: the model's own`,
      }),
      line("Guidance mode", way.input, { title: "What the prompts are led away from (cfg in Python)" }),
      way.explained,
      ...this.texts.lines,
    );
    const variations = iconButton({
      icon: "variations",
      label: "Four variations to choose from",
      key: "U",
      testId: "sd-vary",
      click: () => vary(store),
    });
    const tools = h("div", "panel-tools", {}, variations, toggle);
    const head = h("div", "foot-line", {}, h("span", "line-label", {}, "Seed"), seed.element, tools);
    this.element = h("div", "foot", {}, head, fold);
  }

  /** Unfolds the settings, and leads to those that let negative prompts count. */
  open(): void {
    this.store.set({ settings: true });
    const { input } = guidanceIsOff(this.store) ? this.guidance : this.way;
    input.focus({ preventScroll: true });
    input.scrollIntoView?.({ block: "nearest" });
  }

  show(): void {
    const { store, toggle } = this;
    const { facts, settings } = store;
    const changed =
      this.texts.any ||
      store.mode !== "auto" ||
      store.cfg !== "auto" ||
      store.steps !== 0 ||
      store.guidance !== null;
    setAttributes(toggle, { "aria-expanded": String(settings), "data-changed": changed });
    this.fold.hidden = !settings;
    this.seed.show(store.seed);
    if (!settings) return;
    this.texts.show();
    this.mode.show(store.mode, MODES.find(({ value }) => value === store.mode)?.told ?? "");
    this.steps.show(store.steps || null);
    this.guidance.show(store.guidance);
    this.steps.input.placeholder = facts ? `auto: ${facts.steps}` : "auto";
    this.guidance.input.placeholder = facts ? `auto: ${facts.guidance}` : "auto";
    this.guidance.input.disabled = store.cfg === "none" && facts?.takesGuidance === false;
    this.way.show(store.cfg, explainGuidance(store), facts?.takesGuidance ? ["none"] : []);
    this.way.input.disabled = guidanceIsOff(store);
  }
}
