// Which edits are in the masks here. Masks travel as patches, which come at once, and as a trait, which patches may
// overtake: a mask that the kernel sends may be older than a stroke on its way there, or one of our own that comes back.
// Its pixels cannot tell, since Python may well set a mask that was there before. So each mask comes with two numbers:
// the revision counts Python's own edits of it, and `seq` is that of the last patch in it.

export interface Version {
  readonly revision: number;
  readonly seq: number;
}

export class KnownMasks {
  private readonly versions = new Map<string, Version>();

  /** Nothing for a mask that has never been told. */
  of(region: string): Version | undefined {
    return this.versions.get(region);
  }

  set(region: string, version: Version): void {
    this.versions.set(region, version);
  }

  /** A patch is in the mask. */
  patched(region: string, seq: number): void {
    const { revision, seq: last } = this.versions.get(region) ?? { revision: 0, seq: 0 };
    this.versions.set(region, { revision, seq: Math.max(seq, last) });
  }

  /** Whether a mask of that version holds edits that are not here. */
  lacks(region: string, { revision, seq }: Version): boolean {
    const known = this.versions.get(region);
    if (!known || revision !== known.revision) return !known || revision > known.revision;
    return seq > known.seq;
  }

  /** None of the masks here is the kernel's any more. */
  clear(): void {
    this.versions.clear();
  }
}
