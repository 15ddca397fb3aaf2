// What the host lets us know about the kernel. None of it is part of anywidget's interface, so all of it may be
// missing: then silence is the only sign.

import type { Kernel } from "./store";

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

/** Calls `report` now and at every change; gives back what ends that. */
export function watchKernel(model: object, report: (kernel: Kernel | null) => void): () => void {
  const manager = (model as { widget_manager?: { kernel?: KernelConnection | null } }).widget_manager;
  const kernel = attempt(() => manager?.kernel);
  if (!kernel?.statusChanged?.connect) return () => {};
  // A restarted kernel is up again, but not with this widget in it.
  let lost = false;
  const look = () => {
    lost ||= LOST.includes(kernel.status ?? "");
    const cut = kernel.connectionStatus !== undefined && kernel.connectionStatus !== "connected";
    const known = kernel.status === "idle" || kernel.status === "busy";
    report(lost || cut ? "gone" : known ? (kernel.status === "busy" ? "busy" : "ok") : null);
  };
  kernel.statusChanged.connect(look);
  kernel.connectionStatusChanged?.connect(look);
  look();
  return () => {
    kernel.statusChanged?.disconnect(look);
    kernel.connectionStatusChanged?.disconnect(look);
  };
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
