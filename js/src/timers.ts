/** Timers by name; one that runs is not restarted. */
export class Timers {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  later(name: string, delay: number, run: () => void): void {
    if (this.timers.has(name)) return;
    const timer = setTimeout(() => {
      this.timers.delete(name);
      run();
    }, delay);
    this.timers.set(name, timer);
  }

  cancel(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }
}
