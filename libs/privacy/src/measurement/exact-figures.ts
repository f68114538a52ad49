import type { RandomBits } from '@castellan/differential-privacy';
import type { PlannedMeasure } from './measurement-plan.js';

/**
 * The exact integers of a measurement, by group and measure. They can be released through the mechanisms of the plan and
 * in no other way: not read, not serialised, not logged.
 */
export class ExactFigures {
  readonly #groups: readonly (readonly bigint[])[];

  /** `groups[g][m]`: measure m in group g, for every group of the plan, also the empty ones. */
  constructor(groups: readonly (readonly bigint[])[]) {
    this.#groups = groups;
  }

  /** Adds fresh noise to every figure. To be called once: a second call would be a second release, unpaid. */
  release(measures: readonly PlannedMeasure[], random: RandomBits): bigint[][] {
    return this.#groups.map((figures) =>
      measures.map(({ mechanism }, m) => mechanism.release(figures[m] ?? 0n, random)),
    );
  }

  /** For replays of neighbouring tables: the sum of absolute differences of each measure. */
  distancesTo(other: ExactFigures): bigint[] {
    const width = Math.max(0, ...this.#groups.map((figures) => figures.length));
    return Array.from({ length: width }, (_, m) =>
      this.#groups.reduce((sum, figures, g) => {
        const difference = (figures[m] ?? 0n) - (other.#groups[g]?.[m] ?? 0n);
        return sum + (difference < 0n ? -difference : difference);
      }, 0n),
    );
  }
}
