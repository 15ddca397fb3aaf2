// Variations of the scene, to choose from: which were asked for, and what of them has come. Knows no elements.

import type { Outgoing } from "./protocol";
import type { Store } from "./store";

export class Variants {
  private seq: number | null = null;

  constructor(
    private readonly store: Store,
    private readonly send: (message: Outgoing) => boolean,
    private readonly nextSeq: () => number,
  ) {}

  /** No seeds: what was asked for before is taken back. */
  ask(seeds: readonly number[]): void {
    const had = this.seq !== null;
    this.seq = seeds.length ? this.nextSeq() : null;
    this.store.takeVariations(seeds.map((seed) => ({ seed, picture: null })));
    if (had || seeds.length) this.send({ type: "vary", seq: this.seq ?? this.nextSeq(), seeds: [...seeds] });
  }

  painted(seq: number, seed: number, bytes: DataView): void {
    if (seq !== this.seq) return; // asked for by another page, or not wanted any more
    const picture = new Blob([bytes as DataView<ArrayBuffer>], { type: "image/jpeg" });
    this.store.takeVariations(
      this.store.variations.map((one) => (one.seed === seed ? { seed, picture } : one)),
    );
  }

  /** An error came in answer to `seq`; those that are painted can be chosen all the same. */
  failed(seq: number | null): void {
    if (seq !== null && seq === this.seq) this.end();
  }

  /** There will be no more. */
  end(): void {
    this.seq = null;
    const { variations } = this.store;
    if (variations.some((one) => !one.picture))
      this.store.takeVariations(variations.filter((one) => one.picture));
  }
}
