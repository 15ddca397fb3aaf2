// All that is known about how quick the canvas is: a card that a button of the status line unfolds.

import { type Endings, h, iconButton } from "./dom";
import { FloatCard } from "./floatcard";
import type { Texts } from "./language";
import type { Store } from "./store";

type Line = readonly [what: string, value: string];

/** Only what is known: before the first picture there is little. */
export function statisticsOf(
  store: Pick<Store, "status" | "stats" | "mode" | "scheduling" | "texts">,
): Line[] {
  const { status, stats, texts } = store;
  const told = texts.statistics;
  const measured = stats && stats.settled_ms > 0 ? stats : null;
  const lines: (Line | false | null)[] = [
    [told.model, status.model || told.unknown],
    [told.device, status.device || told.unknown],
    [told.mode, picked(store.mode, stats?.mode ?? "", nameIn(texts.settings.modes, told.ways), told)],
    [
      texts.settings.schedule,
      picked(store.scheduling, stats?.scheduling ?? "", nameIn(texts.settings.schedules), told),
    ],
    [told.fps, told.perSecond(stats?.fps ?? 0)],
    measured && [
      told.preview,
      measured.first_preview_ms ? texts.status.ms(measured.first_preview_ms) : told.none,
    ],
    measured && [told.settled, texts.status.ms(measured.settled_ms)],
    measured && [told.step, texts.status.ms(measured.step_ms)],
    measured && [told.samples, told.count(measured.samples)],
    [told.dropped, told.count(stats?.dropped ?? 0)],
    stats !== null && stats.memory_mib > 0 && [told.memory, told.mib(stats.memory_mib)],
  ];
  return lines.filter((line): line is Line => Boolean(line));
}

/** What is chosen, and how the last picture came about where that is something else. */
function picked(
  chosen: string,
  last: string,
  nameOf: (value: string) => string,
  told: Texts["statistics"],
): string {
  return last && last !== chosen ? told.picked(nameOf(chosen), nameOf(last)) : nameOf(chosen);
}

/** The name of a choice; beside the choices there may be more that the kernel picks by itself. */
function nameIn(
  choices: Readonly<Record<string, { readonly label: string }>>,
  more: Readonly<Record<string, string>> = {},
): (value: string) => string {
  return (value) => choices[value]?.label ?? more[value] ?? value;
}

/** The button; `facts` stand in it while there is room. */
export function statistics(store: Store, endings: Endings, facts: readonly HTMLElement[]): HTMLButtonElement {
  const texts = store.texts.statistics;
  const button = iconButton({
    icon: "statistics",
    label: texts.label,
    classes: "status-button statistics-toggle",
    testId: "sd-statistics-toggle",
    click: () => card.toggle(),
  });
  button.setAttribute("aria-expanded", "false");
  button.append(...facts);
  const list = h("dl", "statistics");
  const show = () => {
    if (!card.isOpen) return;
    list.replaceChildren(
      ...statisticsOf(store).flatMap(([what, value]) => [h("dt", "", {}, what), h("dd", "", {}, value)]),
    );
  };
  const card = new FloatCard(button, endings, { label: texts.label, testId: "sd-statistics", show });
  card.element.append(h("h3", "panel-title", {}, texts.label), list);
  endings.add(store.on("status", show), store.on("values", show));
  return button;
}
