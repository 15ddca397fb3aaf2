// Whether the kernel is there and answers, and messages to it while it is.

import type { Model } from "./model";
import type { Outgoing } from "./protocol";
import type { Store } from "./store";
import type { Kernel } from "./storeevents";
import type { Timers } from "./timers";

/** A kernel that takes longer to say anything counts as busy. */
export const ANSWER_MS = 1000;

export class Connection {
  alive = true;
  /** An answer is overdue. */
  waiting = false;
  /** Whether it runs a cell; null where nobody tells. */
  private kernelBusy: boolean | null = null;

  constructor(
    private readonly model: Model,
    private readonly store: Store,
    private readonly timers: Timers,
    private readonly changed: { gone: () => void; back: () => void },
  ) {}

  /** The host says whether there is a kernel with this widget in it. `cut`: only the connection to it is lost. */
  setAlive(alive: boolean, cut = false): void {
    if (!alive && cut !== this.store.cut) this.store.takeStatus({ cut });
    if (alive === this.alive) return;
    if (alive) this.back();
    else this.gone();
  }

  /** The host says whether the kernel runs a cell. */
  setKernelBusy(busy: boolean | null): void {
    this.kernelBusy = busy;
    this.showKernel();
  }

  send(message: Outgoing, buffer?: ArrayBuffer): boolean {
    if (!this.alive) return false;
    try {
      this.model.send(message, undefined, buffer ? [buffer] : []);
      return true;
    } catch {
      this.gone();
      return false;
    }
  }

  expectAnswer(): void {
    if (!this.alive) return;
    this.timers.later("answer", ANSWER_MS, () => {
      this.waiting = true;
      this.showKernel();
    });
  }

  answered(): void {
    this.timers.cancel("answer");
    this.waiting = false;
    this.setAlive(true);
    this.showKernel();
  }

  gone(): void {
    this.alive = false;
    this.timers.cancel("answer");
    this.waiting = false;
    this.showKernel();
    this.changed.gone();
  }

  private back(): void {
    this.alive = true;
    this.changed.back();
    this.showKernel();
  }

  private showKernel(): void {
    const busy = this.waiting && this.kernelBusy !== false;
    const kernel: Kernel = this.alive ? (busy ? "busy" : "ok") : "gone";
    if (kernel !== this.store.kernel) this.store.takeStatus({ kernel });
  }
}
