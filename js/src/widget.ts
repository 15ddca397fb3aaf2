// anywidget's door. `initialize` runs once for a widget, `render` for each of its views; what they share lives
// in between, so that two views of one canvas agree.

import { notebookOf, watchElement, watchKernel } from "./host";
import { Keeper } from "./keep";
import { Link, type Model } from "./link";
import { keepInNotebook } from "./notebook";
import { Past } from "./past";
import { Store } from "./store";
import { view } from "./view";

interface Context {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

interface Shared {
  store: Store;
  link: Link;
  keeper: Keeper;
  past: Past;
}

export default () => {
  let shared: Shared | null = null;

  /** Some hosts call `render` alone. */
  const open = (model: Model) => {
    if (!shared) {
      const store = new Store();
      const link = new Link(model, store);
      shared = {
        store,
        link,
        keeper: new Keeper(model, store, notebookOf(model)),
        past: new Past(model, store),
      };
    }
    return shared;
  };

  return {
    initialize({ model }: Pick<Context, "model">) {
      const { store, link, keeper, past } = open(model);
      const unwatch = watchKernel(model, link);
      const forgo = keepInNotebook(model, store);
      const leave = () => {
        link.leave();
        keeper.write();
      };
      globalThis.addEventListener?.("pagehide", leave);
      return () => {
        globalThis.removeEventListener?.("pagehide", leave);
        unwatch();
        forgo();
        keeper.dispose();
        past.dispose();
        link.dispose();
        shared = null;
      };
    },
    render({ model, el }: Context) {
      const { store, link, keeper, past } = open(model);
      const unwatch = watchElement(model, el, link);
      let end = view(el, store, link, keeper, past);
      const unhear = store.on("language", () => {
        end();
        end = view(el, store, link, keeper, past);
      });
      return () => {
        unwatch();
        unhear();
        end();
      };
    },
  };
};
