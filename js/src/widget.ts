// anywidget's door. `initialize` runs once for a widget, `render` for each of its views; what they share lives
// in between, so that two views of one canvas agree.

import { watchElement, watchKernel } from "./host";
import { Link, type Model } from "./link";
import { Store } from "./store";
import { view } from "./view";

interface Context {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

export default () => {
  let shared: { store: Store; link: Link } | null = null;

  /** Some hosts call `render` alone. */
  const open = (model: Model) => {
    if (!shared) {
      const store = new Store();
      shared = { store, link: new Link(model, store) };
    }
    return shared;
  };

  return {
    initialize({ model }: Pick<Context, "model">) {
      const { link } = open(model);
      const unwatch = watchKernel(model, link);
      return () => {
        unwatch();
        link.dispose();
        shared = null;
      };
    },
    render({ model, el }: Context) {
      const { store, link } = open(model);
      const unwatch = watchElement(model, el, link);
      const end = view(el, store, link);
      return () => {
        unwatch();
        end();
      };
    },
  };
};
