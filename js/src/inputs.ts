/** What is shown is made of these values; as long as they are the same there is nothing to show again. */
export class Inputs {
  private last: readonly unknown[] | null = null;

  /** Whether one of them is another than last time; objects count by identity. */
  changed(...values: readonly unknown[]): boolean {
    const { last } = this;
    this.last = values;
    return !last || values.length !== last.length || values.some((value, i) => value !== last[i]);
  }
}
