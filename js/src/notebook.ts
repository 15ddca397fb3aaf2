// The drawing in the notebook's file: whenever JupyterLab saves the notebook, the widget's state goes into its
// metadata, where Jupyter looks for the state of widgets that have no kernel. None of what is used of the host here is
// part of anywidget's interface; where it is missing, nothing is kept in the file.

import { base64 } from "./keep";
import { pack } from "./mask";
import type { Model } from "./model";
import { ALL_VALUES } from "./scene";
import type { Store } from "./store";

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";
/** Pictures of words are worth their size only with a kernel. */
const LEFT_OUT = ["palette", "kept", "history_entries"];

type Json = Record<string, unknown>;

/** ipywidgets' model behind anywidget's. */
interface WidgetModel {
  readonly model_id: string;
  get(name: string): unknown;
  get_state(dropDefaults: boolean): Json;
  serialize(state: Json): Json;
}

interface Manager {
  get_model?(id: string): Promise<WidgetModel>;
  readonly context?: {
    readonly saveState?: {
      connect(slot: (sender: unknown, state: string) => void): unknown;
      disconnect(slot: (sender: unknown, state: string) => void): unknown;
    };
    readonly model?: {
      getMetadata?(name: string): unknown;
      setMetadata?(name: string, value: unknown): void;
      toJSON?(): unknown;
    };
  };
}

interface Saved {
  model_name: unknown;
  model_module: unknown;
  model_module_version: unknown;
  state: Json;
  buffers?: { encoding: "base64"; path: string[]; data: string }[];
}

/** Keeps the drawing in the notebook at each save; gives back what ends that. */
export function keepInNotebook(model: Model, store: Store): () => void {
  const manager = (model as { widget_manager?: Manager }).widget_manager;
  const id = String(model.get("canvas_id") ?? "");
  const context = attempt(() => manager?.context);
  const notebook = context?.model;
  if (!id || !manager?.get_model || !context?.saveState || !notebook?.setMetadata || !notebook.toJSON)
    return () => {};
  let whole: WidgetModel | null = null;
  void manager.get_model(id).then(
    (found) => {
      whole = found;
    },
    () => {},
  );
  const write = () => {
    const before = (notebook.getMetadata?.("widgets") ?? {}) as Json;
    const saved = (before[STATE] ?? { version_major: 2, version_minor: 0 }) as Json & {
      state?: Record<string, Saved>;
    };
    const on = shownIn(notebook.toJSON?.());
    const state = { ...saved.state };
    for (const gone of Object.keys(state).filter((other) => isOurs(state[other], whole) && !on.has(other))) {
      delete state[layoutOf(state[gone])];
      delete state[gone];
    }
    if (whole && on.has(id) && model.get("autosave") !== false) {
      state[id] = entry(whole, fromStore(store));
      const layout = whole.get("layout") as WidgetModel | null;
      if (layout?.model_id) state[layout.model_id] = entry(layout, {});
    } else if (whole && model.get("autosave") === false) {
      delete state[layoutOf(state[id])];
      delete state[id];
    }
    const after = { ...before, [STATE]: { ...saved, state } };
    if (JSON.stringify(after) !== JSON.stringify(before)) notebook.setMetadata?.("widgets", after);
  };
  const saving = (_: unknown, state: string) => {
    if (state === "started") attempt(write);
  };
  context.saveState.connect(saving);
  return () => context.saveState?.disconnect(saving);
}

/** The drawing as it is here, which may be ahead of the traits where there is no kernel. */
function fromStore(store: Store): Json {
  const masks = store.regions.map(({ id }) => [id, new DataView(pack(store.mask(id)).buffer)]);
  return {
    regions: structuredClone(store.regions),
    masks: Object.fromEntries(masks),
    ...Object.fromEntries(ALL_VALUES.map((key) => [key, store[key]])),
  };
}

function entry(model: WidgetModel, changes: Json): Saved {
  const state = { ...model.serialize(model.get_state(false)), ...changes };
  for (const name of LEFT_OUT) delete state[name];
  const buffers: NonNullable<Saved["buffers"]> = [];
  const plain = withoutBuffers(state, [], buffers) as Json;
  return {
    model_name: plain._model_name,
    model_module: plain._model_module,
    model_module_version: plain._model_module_version,
    state: plain,
    ...(buffers.length && { buffers }),
  };
}

/** JSON of a state; what is binary in it goes into `buffers`, as Jupyter's format wants it. */
function withoutBuffers(value: unknown, path: string[], buffers: NonNullable<Saved["buffers"]>): unknown {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    buffers.push({ encoding: "base64", path, data: base64(bytes) });
    return undefined;
  }
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  const rest: Json = {};
  for (const [name, inner] of Object.entries(value)) {
    const kept = withoutBuffers(inner, [...path, name], buffers);
    if (kept !== undefined) rest[name] = kept;
  }
  return rest;
}

/** Ids of the widgets that the notebook's outputs show. */
function shownIn(notebook: unknown): Set<string> {
  const ids = new Set<string>();
  for (const cell of (notebook as { cells?: { outputs?: { data?: Json }[] }[] })?.cells ?? [])
    for (const output of cell.outputs ?? []) {
      const view = output.data?.[VIEW] as { model_id?: string } | undefined;
      if (view?.model_id) ids.add(view.model_id);
    }
  return ids;
}

const isOurs = (saved: Saved | undefined, whole: WidgetModel | null) =>
  whole !== null &&
  saved?.state?._anywidget_id !== undefined &&
  saved.state._anywidget_id === whole.get("_anywidget_id");

const layoutOf = (saved: Saved | undefined) => String(saved?.state?.layout ?? "").replace(/^IPY_MODEL_/, "");

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    console.warn("semanticdraw_widget: the notebook does not keep the drawing:", error);
    return undefined;
  }
}
