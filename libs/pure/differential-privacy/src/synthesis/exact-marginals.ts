import type { IntegerMechanism } from '../mechanism/mechanism.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { ColumnGroups, type ColumnPair, type SynthesisPlan } from './synthesis-plan.js';

/** A chosen pair with its noisy counts, row by row: `noisy[l · cells(right) + r]`. */
export interface ReleasedPair extends ColumnPair {
  readonly noisy: readonly bigint[];
}

/** All that leaves a protected table for a synthetic one: noisy counts. Whatever is made of them is free. */
export interface MarginalRelease {
  /** By column and value. */
  readonly singles: readonly (readonly bigint[])[];
  /** In the order in which they were chosen: a forest. */
  readonly pairs: readonly ReleasedPair[];
}

/**
 * The exact one-way marginals and those of all candidate pairs. They can be released through a plan and in no other way:
 * not read, not serialised, not logged.
 *
 * Precondition: counted over rows of which every unit has at most the plan's `rowsPerUnit`.
 */
export class ExactMarginals {
  readonly #singles: readonly (readonly bigint[])[];
  readonly #pairs: readonly (readonly bigint[])[];

  /** `pairs[c]` belongs to candidate c of the plan. */
  constructor(singles: readonly (readonly bigint[])[], pairs: readonly (readonly bigint[])[]) {
    this.#singles = singles;
    this.#pairs = pairs;
  }

  /** Adds fresh noise, chooses pairs, adds fresh noise to those. To be called once: a second call is a second release. */
  release(plan: SynthesisPlan, random: RandomBits): MarginalRelease {
    const noisy = (counts: readonly bigint[], mechanism: IntegerMechanism) =>
      counts.map((count) => mechanism.release(count, random));
    const singles = this.#singles.map((counts) => noisy(counts, plan.single));
    const { pair: mechanism } = plan;
    if (mechanism === undefined) return { singles, pairs: [] };
    const chosen = this.#choose(plan, singles, random);
    return {
      singles,
      pairs: chosen.map((c) => ({ ...pairAt(plan, c), noisy: noisy(this.#pairs[c] ?? [], mechanism) })),
    };
  }

  /** Positions of the chosen pairs among the candidates. Without a selection every candidate that joins is taken. */
  #choose(plan: SynthesisPlan, singles: readonly (readonly bigint[])[], random: RandomBits): number[] {
    const groups = new ColumnGroups(plan.cells.length);
    const all = plan.candidates.map((_, c) => c);
    const { selection } = plan;
    if (selection === undefined) return all.filter((c) => groups.join(pairAt(plan, c)));
    const scores = this.#scores(plan, singles);
    return Array.from({ length: plan.links }, () => {
      const open = all.filter((c) => groups.apart(pairAt(plan, c)));
      const at = selection.select(
        open.map((c) => scores[c] ?? 0n),
        random,
      );
      const chosen = open[at] ?? 0;
      groups.join(pairAt(plan, chosen));
      return chosen;
    });
  }

  /**
   * How far each pair is from what its two columns alone let expect, less what noise alone would add. The expectation is
   * made from the *released* marginals, so one unit moves only the exact counts: by m in all.
   */
  #scores(plan: SynthesisPlan, singles: readonly (readonly bigint[])[]): bigint[] {
    const known = singles.map((counts) => counts.map((count) => (count > 0n ? count : 0n)));
    const totals = known.map((counts) => counts.reduce((sum, count) => sum + count, 0n));
    const mean = totals.reduce((sum, total) => sum + total, 0n) / BigInt(totals.length);
    const rows = mean > 0n ? mean : 1n;
    return plan.candidates.map((pair, c) => {
      const [left, right] = [known[pair.left] ?? [], known[pair.right] ?? []];
      const exact = this.#pairs[c] ?? [];
      const distance = exact.reduce((sum, count, cell) => {
        const expected =
          ((left[Math.floor(cell / right.length)] ?? 0n) * (right[cell % right.length] ?? 0n)) / rows;
        return sum + (count > expected ? count - expected : expected - count);
      }, 0n);
      return distance - BigInt(exact.length) * expectedNoise(plan.pair);
    });
  }

  /** For replays of neighbouring tables: the sum of absolute differences of each marginal, singles first. */
  distancesTo(other: ExactMarginals): bigint[] {
    const distance = (mine: readonly bigint[], theirs: readonly bigint[] = []) =>
      mine.reduce((sum, count, i) => {
        const difference = count - (theirs[i] ?? 0n);
        return sum + (difference < 0n ? -difference : difference);
      }, 0n);
    return [
      ...this.#singles.map((counts, i) => distance(counts, other.#singles[i])),
      ...this.#pairs.map((counts, c) => distance(counts, other.#pairs[c])),
    ];
  }

  /** For replays: by candidate, how far the scores lie apart that both tables give to the same released marginals. */
  scoreDistancesTo(
    other: ExactMarginals,
    plan: SynthesisPlan,
    singles: readonly (readonly bigint[])[],
  ): bigint[] {
    const theirs = other.#scores(plan, singles);
    return this.#scores(plan, singles).map((score, c) => {
      const difference = score - (theirs[c] ?? 0n);
      return difference < 0n ? -difference : difference;
    });
  }
}

function pairAt({ candidates }: SynthesisPlan, c: number): ColumnPair {
  const pair = candidates[c];
  if (pair === undefined) throw new Error('no such candidate');
  return { left: pair.left, right: pair.right };
}

/** The mean absolute noise of one cell, rounded up. Public, so it may be subtracted. */
function expectedNoise(mechanism: IntegerMechanism | undefined): bigint {
  if (mechanism === undefined) return 0n;
  const factor = mechanism.name === 'discrete_laplace' ? Math.SQRT1_2 : Math.sqrt(2 / Math.PI);
  return BigInt(Math.ceil(mechanism.standardDeviation * factor));
}
