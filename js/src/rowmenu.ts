// The menu of a region: what can be done with it as a whole.

import { ACTIONS, type Action, type ActionName, actionFor, perform } from "./actions";
import { Menu } from "./menu";
import type { Store } from "./store";

/** after: something was chosen; `fromButton` says that the focus was on the menu's button. */
export function regionMenu(
  store: Store,
  id: string,
  button: HTMLElement,
  after: (fromButton: boolean) => void,
): Menu {
  return new Menu(button, {
    label: () => store.texts.actions.label,
    items: () => {
      const region = store.region(id);
      return ACTIONS.map((action) => ({
        name: action.name,
        label: store.texts.actions[action.name],
        key: keyCap(action),
        cap: store.texts.key(keyCap(action)),
        on: region && action.on?.(store, region),
        obstacle: (region && action.obstacle?.(store, region)) || "",
      }));
    },
    choose: (name, back) => {
      perform(store, name as ActionName, id);
      after(back === button);
    },
    keyed: (event) => actionFor(event)?.name,
  });
}

/** Its key as menus have it. */
export function keyCap({ key, modifier }: Action): string {
  const cap = { ArrowUp: "↑", ArrowDown: "↓", Delete: "Del" }[key] ?? key.toUpperCase();
  return modifier ? `${modifier}+${cap}` : cap;
}
