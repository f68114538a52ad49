const windowMs = 60_000;

interface Tally {
  recorded: number;
  dropped: number;
}

/**
 * How many refusals of strangers are worth a record: so many a minute for each source, the rest only counted. The log is
 * for ever, and whoever has no valid credential shall not be able to fill it.
 *
 * Forgets everything each minute, so it holds at most the sources of one; and at most `sources` of them, after which
 * newcomers share one tally.
 */
export class RefusalBudget {
  #tallies = new Map<string, Tally>();
  #windowEnds = 0;

  constructor(
    private readonly perSource = 30,
    private readonly sources = 10_000,
  ) {}

  /** @returns whether to record this one, and how many from this source were not recorded since the last that was */
  spend(source: string, now: Date): { readonly record: boolean; readonly dropped: number } {
    const tally = this.#tallyOf(source, now.getTime());
    if (tally.recorded >= this.perSource) {
      tally.dropped += 1;
      return { record: false, dropped: tally.dropped };
    }
    const { dropped } = tally;
    tally.recorded += 1;
    tally.dropped = 0;
    return { record: true, dropped };
  }

  #tallyOf(source: string, now: number): Tally {
    if (now >= this.#windowEnds) {
      // What was dropped in the last window is told by the next record of that source.
      const owing = [...this.#tallies].filter(([, { dropped }]) => dropped > 0);
      this.#tallies = new Map(owing.map(([name, { dropped }]) => [name, { recorded: 0, dropped }]));
      this.#windowEnds = now + windowMs;
    }
    const name = this.#tallies.has(source) || this.#tallies.size < this.sources ? source : 'others';
    const tally = this.#tallies.get(name) ?? { recorded: 0, dropped: 0 };
    this.#tallies.set(name, tally);
    return tally;
  }
}
