// What the host lets us know about the kernel. None of it is part of anywidget's interface, so all of it may be
// missing: then silence is the only sign.

import { type Endings, setAttributes } from "./dom";
import type { Link, Model } from "./link";

/** A signal of JupyterLab's (Lumino). */
interface Signal {
  connect(slot: (...args: unknown[]) => void): unknown;
  disconnect(slot: (...args: unknown[]) => void): unknown;
}

interface KernelConnection {
  readonly status?: string;
  readonly connectionStatus?: string;
  readonly statusChanged?: Signal;
  readonly connectionStatusChanged?: Signal;
}

const LOST = ["dead", "restarting", "autorestarting", "terminating"];

/** Tells the link what is known now, and at every change; gives back what ends that. */
export function watchKernel(model: object, link: Link): () => void {
  const manager = (model as { widget_manager?: { kernel?: KernelConnection | null } }).widget_manager;
  const kernel = attempt(() => manager?.kernel);
  if (!kernel?.statusChanged?.connect) return () => {};
  // A restarted kernel is up again, but not with this widget in it.
  let lost = false;
  const look = () => {
    lost ||= LOST.includes(kernel.status ?? "");
    const cut = kernel.connectionStatus !== undefined && kernel.connectionStatus !== "connected";
    const known = kernel.status === "idle" || kernel.status === "busy";
    link.setKernelBusy(known ? kernel.status === "busy" : null);
    link.setAlive(!lost && !cut, cut && !lost);
  };
  kernel.statusChanged.connect(look);
  kernel.connectionStatusChanged?.connect(look);
  look();
  return () => {
    kernel.statusChanged?.disconnect(look);
    kernel.connectionStatusChanged?.disconnect(look);
  };
}

/** What tells this notebook from others, to the browser: its path where the host knows it, else the page's address. */
export function notebookOf(model: object): string {
  const manager = (model as { widget_manager?: { context?: { path?: unknown } } }).widget_manager;
  const path = attempt(() => manager?.context?.path);
  return typeof path === "string" && path ? path : (globalThis.location?.pathname ?? "");
}

/** ipywidgets marks the elements of a widget whose kernel is gone. */
export function watchElement(model: Model, el: HTMLElement, link: Link): () => void {
  const look = () => link.setAlive(!el.closest(".jupyter-widgets-disconnected"));
  const later = () => setTimeout(look); // the view marks its element at the same event
  model.on("comm_live_update", later);
  look();
  return () => model.off("comm_live_update", later);
}

const OURS = { "data-lm-suppress-shortcuts": "true" };

/**
 * Keys pressed in `root` are no shortcuts of the host. It looks for the attribute from the element in focus upwards,
 * and for what its shortcuts fit, which may be anything in focus: so that element itself has to bear it.
 */
export function keepKeys(root: HTMLElement, endings: Endings): void {
  setAttributes(root, OURS);
  const bear = ({ target }: Event) => target instanceof Element && setAttributes(target, OURS);
  endings.listen(root, "focusin", bear, { capture: true });
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
