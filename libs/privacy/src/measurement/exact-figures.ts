import type { RandomBits } from '@castellan/differential-privacy';
import type { MeasurementPlan, PlannedMeasure } from './measurement-plan.js';
import { quantileScores, selectedValue } from './quantile-plan.js';

/** By group, the number of rows at each point of a grid; what is not there is 0. */
export type Histogram = ReadonlyMap<number, ReadonlyMap<number, bigint>>;

/**
 * The exact integers of a measurement, by group and measure. They can be released through the mechanisms of the plan and
 * in no other way: not read, not serialised, not logged.
 */
export class ExactFigures {
  readonly #groups: readonly (readonly bigint[])[];
  readonly #histograms: readonly Histogram[];

  /**
   * `groups[g][m]`: measure m in group g, for every group of the plan, also the empty ones.
   * `histograms[q]`: the rows by point of quantile q's grid.
   */
  constructor(groups: readonly (readonly bigint[])[], histograms: readonly Histogram[] = []) {
    this.#groups = groups;
    this.#histograms = histograms;
  }

  /** Adds fresh noise to every figure. To be called once: a second call would be a second release, unpaid. */
  release(measures: readonly PlannedMeasure[], random: RandomBits): bigint[][] {
    return this.#groups.map((figures) =>
      measures.map(({ mechanism }, m) => mechanism.release(figures[m] ?? 0n, random)),
    );
  }

  /**
   * Selects every quantile, by quantile and group: integers of the column's 10^−decimals. To be called once, like `release`.
   */
  select({ quantiles, groupCount }: MeasurementPlan, random: RandomBits): bigint[][] {
    return quantiles.map((quantile, q) =>
      Array.from({ length: groupCount }, (_, g) => {
        const counts = this.countsOf(q, g, Number(quantile.grid.last) + 1);
        const scores = quantileScores(quantile.probability, counts);
        return selectedValue(quantile, quantile.selection.select(scores, random));
      }),
    );
  }

  private countsOf(quantile: number, group: number, points: number): bigint[] {
    const counts = Array.from({ length: points }, () => 0n);
    for (const [point, rows] of this.#histograms[quantile]?.get(group) ?? []) counts[point] = rows;
    return counts;
  }

  /** For replays of neighbouring tables: by quantile, the greatest change of any score in each group that changes. */
  scoreDistancesTo(other: ExactFigures, { quantiles, groupCount }: MeasurementPlan): bigint[][] {
    return quantiles.map((quantile, q) => {
      const scores = (figures: ExactFigures, g: number) =>
        quantileScores(quantile.probability, figures.countsOf(q, g, Number(quantile.grid.last) + 1));
      const distances = Array.from({ length: groupCount }, (_, g) => {
        const theirs = scores(other, g);
        return scores(this, g).reduce((greatest, score, i) => {
          const difference = score - (theirs[i] ?? 0n);
          const distance = difference < 0n ? -difference : difference;
          return distance > greatest ? distance : greatest;
        }, 0n);
      });
      return distances.filter((distance) => distance > 0n);
    });
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
