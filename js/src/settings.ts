// How the whole scene is painted: its seed, and unfolded, how regions share the network and how guidance works.

import { h, iconButton, newId, setAttributes } from "./dom";
import { choice, line, numberField, seedField } from "./fields";
import { MAX_GUIDANCE, MAX_STEPS } from "./scene";
import type { Store } from "./store";
import { TextSettings } from "./textsettings";
import { vary } from "./variationstrip";

const MODES = ["auto", "exact", "crops", "masked", "increment"] as const;
const SCHEDULES = ["auto", "newest", "stream"] as const;
const WAYS = ["auto", "none", "full", "initialise", "self"] as const;

type Known = Pick<Store, "facts" | "guidance" | "cfg" | "steps" | "texts">;

type Choices = Readonly<Record<string, { readonly label: string; readonly told: string }>>;

const optionsOf = (values: readonly string[], texts: Choices) =>
  values.map((value) => ({ value, label: texts[value]?.label ?? value }));

/** What a choice means; "" for one that only Python knows. */
const toldOf = (value: string, texts: Choices) => texts[value]?.told ?? "";

const ownGuidance = ({ facts, guidance }: Known) => guidance ?? facts?.guidance ?? null;

/** At 1 guidance changes nothing, so that there is nothing to choose. */
export const guidanceIsOff = (known: Known) => ownGuidance(known) === 1;

/** What the chosen way of guidance comes to, with this model and this number. */
export function explainGuidance(known: Known): string {
  const { facts, cfg } = known;
  const texts = known.texts.settings;
  const told = toldOf(cfg, texts.ways);
  if (guidanceIsOff(known)) return texts.guidanceIsOff;
  if (!facts) return told;
  if (facts.takesGuidance) {
    if (cfg === "auto") return texts.takesNumber;
    return cfg === "none" ? texts.sameAsAuto : texts.autoIsBetter(told);
  }
  if (cfg !== "auto") return told;
  return (ownGuidance(known) ?? 0) > 1 ? texts.autoIsFull : texts.autoIsOff;
}

/** The foot of the panel. */
export class Settings {
  readonly element: HTMLElement;
  private readonly fold = h("div", "fold settings", {
    role: "group",
    id: newId("settings"),
    "data-testid": "sd-settings-fold",
  });
  private readonly toggle: HTMLButtonElement;
  private readonly seed: ReturnType<typeof seedField>;
  private readonly mode: ReturnType<typeof choice>;
  private readonly steps: ReturnType<typeof numberField>;
  private readonly guidance: ReturnType<typeof numberField>;
  private readonly way: ReturnType<typeof choice>;
  private readonly schedule: ReturnType<typeof choice>;
  private readonly texts: TextSettings;

  constructor(private readonly store: Store) {
    const texts = store.texts.settings;
    this.texts = new TextSettings(store);
    this.toggle = iconButton({
      icon: "sliders",
      label: texts.toggle,
      key: "S",
      testId: "sd-settings",
      click: () => store.set({ settings: !store.settings }),
    });
    this.seed = seedField({
      texts: store.texts,
      label: texts.seed,
      testId: "sd-seed",
      placeholder: "0",
      change: (seed) => store.setValues({ seed: seed ?? 0 }),
    });
    this.mode = choice({
      label: texts.mode,
      testId: "sd-mode",
      options: optionsOf(MODES, texts.modes),
      change: (mode) => store.setValues({ mode }),
    });
    this.steps = numberField({
      label: texts.steps,
      testId: "sd-steps",
      min: 1,
      max: MAX_STEPS,
      step: 1,
      reset: texts.stepsReset,
      change: (steps) => store.setValues({ steps: steps ?? 0 }),
    });
    this.guidance = numberField({
      label: texts.guidance,
      testId: "sd-guidance",
      min: 0,
      max: MAX_GUIDANCE,
      step: 0.5,
      reset: texts.guidanceReset,
      change: (guidance) => store.setValues({ guidance }),
    });
    this.way = choice({
      label: texts.way,
      testId: "sd-cfg",
      options: optionsOf(WAYS, texts.ways),
      change: (cfg) => store.setValues({ cfg }),
    });
    this.schedule = choice({
      label: texts.schedule,
      testId: "sd-scheduling",
      options: optionsOf(SCHEDULES, texts.schedules),
      change: (scheduling) => store.setValues({ scheduling }),
    });
    const { seed, fold, toggle, mode, way, schedule } = this;
    setAttributes(fold, { "aria-label": texts.label });
    setAttributes(toggle, { "aria-controls": fold.id });
    fold.append(
      line(texts.mode, mode.input, { title: texts.modeHint }),
      mode.explained,
      line(texts.steps, this.steps.element, { title: texts.stepsHint(MAX_STEPS) }),
      line(texts.guidance, this.guidance.element, { title: texts.guidanceHint(MAX_GUIDANCE) }),
      line(texts.way, way.input, { title: texts.wayHint }),
      way.explained,
      line(texts.schedule, schedule.input, { title: texts.scheduleHint }),
      schedule.explained,
      ...this.texts.lines,
    );
    const variations = iconButton({
      icon: "variations",
      label: texts.variations,
      key: "U",
      testId: "sd-vary",
      click: () => vary(store),
    });
    const tools = h("div", "panel-tools", {}, variations, toggle);
    const head = h("div", "foot-line", {}, h("span", "line-label", {}, texts.seed), seed.element, tools);
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
      store.scheduling !== "auto" ||
      store.steps !== 0 ||
      store.guidance !== null;
    setAttributes(toggle, { "aria-expanded": String(settings), "data-changed": changed });
    this.fold.hidden = !settings;
    this.seed.show(store.seed);
    if (!settings) return;
    this.texts.show();
    const texts = store.texts.settings;
    this.mode.show(store.mode, toldOf(store.mode, texts.modes));
    this.schedule.show(store.scheduling, toldOf(store.scheduling, texts.schedules));
    this.steps.show(store.steps || null);
    this.guidance.show(store.guidance);
    this.steps.input.placeholder = facts ? texts.autoIs(facts.steps) : texts.auto;
    this.guidance.input.placeholder = facts ? texts.autoIs(facts.guidance) : texts.auto;
    this.guidance.input.disabled = store.cfg === "none" && facts?.takesGuidance === false;
    this.way.show(store.cfg, explainGuidance(store), facts?.takesGuidance ? ["none"] : []);
    this.way.input.disabled = guidanceIsOff(store);
  }
}
