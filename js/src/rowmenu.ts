// The menu of a region: what can be done with it as a whole.

import { ACTIONS, type Action, type ActionName, actionFor, perform } from "./actions";
import { type Item, Menu } from "./menu";
import type { Store } from "./store";

/**
 * rename: the name is to be edited, after which `back` gets the focus. after: something else was chosen; `fromButton`
 * says that the focus was on the menu's button.
 */
export function regionMenu(
  store: Store,
  id: string,
  button: HTMLElement,
  rename: (back: HTMLElement) => void,
  after: (fromButton: boolean) => void,
): Menu {
  return new Menu(button, {
    label: () => store.texts.actions.label,
    items: () => {
      const region = store.region(id);
      const items: Item[] = ACTIONS.map((action) => ({
        name: action.name,
        label: store.texts.actions[action.name],
        key: keyCap(action),
        cap: store.texts.key(keyCap(action)),
        on: region && action.on?.(store, region),
        obstacle: (region && action.obstacle?.(store, region)) || "",
      }));
      items.splice(2, 0, {
        name: "rename",
        label: store.texts.actions.rename,
        key: "F2",
        cap: store.texts.key("F2"),
        obstacle: "",
      });
      return items;
    },
    choose: (name, back) => {
      if (name === "rename") {
        rename(back);
        return;
      }
      perform(store, name as ActionName, id);
      after(back === button);
    },
    keyed: (event) => (event.key === "F2" ? "rename" : actionFor(event)?.name),
  });
}

/** Its key as menus have it. */
export function keyCap({ key, modifier }: Action): string {
  const cap = { ArrowUp: "↑", ArrowDown: "↓", Delete: "Del" }[key] ?? key.toUpperCase();
  return modifier ? `${modifier}+${cap}` : cap;
}
