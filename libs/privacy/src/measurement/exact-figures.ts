import type { RandomBits } from '@castellan/differential-privacy';
import { groupsOf, inOrder, type GroupKeys } from './group-keys.js';
import {
  MOST_GROUPS,
  MOST_QUANTILE_GROUPS,
  type MeasurementPlan,
  type PlannedMeasure,
} from './measurement-plan.js';
import { quantileScores, selectedValue, type PlannedQuantile } from './quantile-plan.js';

/** By group, the number of rows at each point of a grid; what is not there is 0. */
export type Histogram = ReadonlyMap<number, ReadonlyMap<number, bigint>>;

/** What may be shown of a measurement. */
export interface NoisyFigures {
  /** The keys of the groups, where they were selected and are not those of the public lists. */
  readonly groups?: readonly GroupKeys[];
  /** One integer a group: by measure, then by quantile, in the order of the plan. */
  readonly figures: readonly (readonly bigint[])[];
}

/**
 * The exact integers of a measurement, by group and measure. They can be released through the mechanisms of the plan and
 * in no other way: not read, not serialised, not logged.
 */
export class ExactFigures {
  readonly #groups: readonly (readonly bigint[])[];
  readonly #histograms: readonly Histogram[];
  readonly #keys: readonly GroupKeys[];

  /**
   * `groups[g][m]`: measure m in group g, for every group of the plan, also the empty ones.
   * `histograms[q]`: the rows by point of quantile q's grid.
   * `keys[g]`: the keys of group g, where they are not public; then `groups` holds those that the table has.
   */
  constructor(
    groups: readonly (readonly bigint[])[],
    histograms: readonly Histogram[] = [],
    keys: readonly GroupKeys[] = [],
  ) {
    this.#groups = groups;
    this.#histograms = histograms;
    this.#keys = keys;
  }

  /** Selects groups where their keys are not public, and adds fresh noise. To be called once: a second call would be unpaid. */
  release(plan: MeasurementPlan, random: RandomBits): NoisyFigures {
    const { selection, measures, quantiles } = plan;
    if (selection !== undefined) return this.releaseSelected(plan, selection.threshold, random);
    const all = this.#groups.map((_, g) => g);
    return {
      figures: [...this.noisy(measures, all, random), ...this.selectQuantiles(quantiles, all, random)],
    };
  }

  /**
   * The first measure counts units. Only its noisy values decide which groups are shown, so the choice costs nothing more;
   * noise for the other measures is drawn for the groups shown.
   */
  private releaseSelected(plan: MeasurementPlan, threshold: bigint, random: RandomBits): NoisyFigures {
    const [units, ...others] = plan.measures;
    if (!units) throw new Error('groups are selected by their units');
    const most = plan.quantiles.length > 0 ? MOST_QUANTILE_GROUPS : MOST_GROUPS;
    const shown = this.#groups
      .map((figures, g) => ({
        g,
        keys: this.#keys[g] ?? [],
        units: units.mechanism.release(figures[0] ?? 0n, random),
      }))
      .filter((group) => group.units > threshold)
      .toSorted((a, b) =>
        a.units === b.units ? inOrder(plan.keys, a.keys, b.keys) : a.units > b.units ? -1 : 1,
      )
      .slice(0, most)
      .toSorted((a, b) => inOrder(plan.keys, a.keys, b.keys));
    const groups = shown.map(({ g }) => g);
    return {
      groups: shown.map(({ keys }) => keys),
      figures: [
        shown.map((group) => group.units),
        ...this.noisy(others, groups, random, 1),
        ...this.selectQuantiles(plan.quantiles, groups, random),
      ],
    };
  }

  private noisy(
    measures: readonly PlannedMeasure[],
    groups: readonly number[],
    random: RandomBits,
    first = 0,
  ): bigint[][] {
    return measures.map(({ mechanism }, m) =>
      groups.map((g) => mechanism.release(this.#groups[g]?.[first + m] ?? 0n, random)),
    );
  }

  /** By quantile and group: integers of the column's 10^−decimals. */
  private selectQuantiles(
    quantiles: readonly PlannedQuantile[],
    groups: readonly number[],
    random: RandomBits,
  ): bigint[][] {
    return quantiles.map((quantile, q) =>
      groups.map((g) =>
        selectedValue(quantile, quantile.selection.select(this.scores(quantile, q, g), random)),
      ),
    );
  }

  private scores(quantile: PlannedQuantile, q: number, g: number | undefined): bigint[] {
    const counts = Array.from({ length: Number(quantile.grid.last) + 1 }, () => 0n);
    for (const [point, rows] of (g === undefined ? undefined : this.#histograms[q]?.get(g)) ?? [])
      counts[point] = rows;
    return quantileScores(quantile.probability, counts);
  }

  /** For replays of neighbouring tables: by quantile, the greatest change of any score in each group that changes. */
  scoreDistancesTo(other: ExactFigures, { quantiles }: MeasurementPlan): bigint[][] {
    return quantiles.map((quantile, q) =>
      this.pairs(other)
        .map(([ours, theirs]) => {
          const their = other.scores(quantile, q, theirs);
          return this.scores(quantile, q, ours).reduce((greatest, score, i) => {
            const distance = magnitude(score - (their[i] ?? 0n));
            return distance > greatest ? distance : greatest;
          }, 0n);
        })
        .filter((distance) => distance > 0n),
    );
  }

  /** For replays of neighbouring tables: the sum of absolute differences of each measure, or of what else is taken of them. */
  distancesTo(other: ExactFigures, of: (change: bigint) => bigint = magnitude): bigint[] {
    const width = Math.max(0, ...[...this.#groups, ...other.#groups].map((figures) => figures.length));
    const pairs = this.pairs(other);
    return Array.from({ length: width }, (_, m) =>
      pairs.reduce((sum, [ours, theirs]) => {
        const our = ours === undefined ? 0n : (this.#groups[ours]?.[m] ?? 0n);
        const their = theirs === undefined ? 0n : (other.#groups[theirs]?.[m] ?? 0n);
        return sum + of(our - their);
      }, 0n),
    );
  }

  /** The same group here and there; undefined where one table lacks it. */
  private pairs(other: ExactFigures): [number | undefined, number | undefined][] {
    const [ours, theirs] = [
      groupsOf(this.#groups.length, this.#keys),
      groupsOf(other.#groups.length, other.#keys),
    ];
    return [...new Set([...ours.keys(), ...theirs.keys()])].map((key) => [ours.get(key), theirs.get(key)]);
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
