import {
  PrivateSelection,
  divide,
  multiply,
  rational,
  rootBelow,
  type PrivacyLoss,
  type Rational,
} from '@castellan/differential-privacy';
import type { NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { measureText, type Measure } from '../question/question.js';
import { gridOf, valueAt, type ValueGrid } from './value-grid.js';

/** A candidate more costs every answer a little accuracy and every group a little time; a thousandth of the range will do. */
const MOST_CANDIDATES = 1_025n;

export type QuantileMeasure = Extract<Measure, { kind: 'quantile' }>;

/** A quantile, bounded: which values it can be, and how one of them is selected. */
export interface PlannedQuantile {
  readonly column: NumberColumn;
  readonly text: string;
  readonly grid: ValueGrid;
  /** The fraction of rows below the answer. */
  readonly probability: Rational;
  /** One selection in one group. Its loss is the quantile's share over the groups that a unit counts in. */
  readonly selection: PrivateSelection;
  /** The quantile's share of the charge. */
  readonly loss: PrivacyLoss;
}

/** "0.25" is 1/4. */
function fraction(decimal: string): Rational {
  const digits = decimal.replace('0.', '');
  return rational(BigInt(digits), 10n ** BigInt(digits.length));
}

/**
 * Selects among the points of a public grid: by permute-and-flip for an epsilon, and in rho by the exponential mechanism,
 * whose range is bounded, so that ε costs ρ = ε²/8 and not ε²/2 (arXiv 2004.07223; charging the one like the other: opendp#2911).
 *
 * Score of a point, for the quantile a/b of n rows: −(distance of a·n from [b·rows below the point, b·rows up to it]).
 * Neighbours: add or remove all rows of one unit. Sensitivity: a row moves every score by a or b−a at most, a unit has at
 * most `maxRowsPerGroup` rows in a group, so Δ∞ = rows · max(a, b−a); it counts in L0 groups, each of which has a share of 1/L0.
 * Source: McKenna and Sheldon, arXiv 2010.12603; the score is Smith's (STOC 2011) on a grid.
 */
export function planQuantile(
  measure: QuantileMeasure,
  column: NumberColumn,
  table: ProtectedTable,
  { loss, groupsPerUnit }: { loss: PrivacyLoss; groupsPerUnit: bigint },
): PlannedQuantile {
  const probability = fraction(measure.probability);
  const { numerator: a, denominator: b } = probability;
  const perRow = a > b - a ? a : b - a;
  const groups = rational(groupsPerUnit);
  const perScore = table.maxRowsPerGroup * perRow;
  const sensitivity = { neighbours: 'add_or_remove_unit', perScore, monotonic: false } as const;
  const selection =
    loss.definition === 'pure'
      ? PrivateSelection.costing(divide(loss.epsilon, groups), sensitivity)
      : PrivateSelection.costing(
          rootBelow(divide(multiply(loss.rho, rational(8n)), groups)),
          sensitivity,
          'exponential',
        );
  const grid = gridOf(column, MOST_CANDIDATES);
  return { column, text: measureText(measure), grid, probability, selection, loss };
}

/** `counts[i]` rows lie at point i of the grid. Integers, higher is better; some point always has 0. */
export function quantileScores(
  { numerator: a, denominator: b }: Rational,
  counts: readonly bigint[],
): bigint[] {
  const wanted = a * counts.reduce((sum, count) => sum + count, 0n);
  let upTo = 0n;
  return counts.map((count) => {
    const below = upTo;
    upTo += count;
    if (wanted < b * below) return wanted - b * below;
    return wanted > b * upTo ? b * upTo - wanted : 0n;
  });
}

/** The value that a selected point stands for, in integers of 10^−decimals. */
export function selectedValue({ grid, column }: PlannedQuantile, point: number): bigint {
  return valueAt(grid, BigInt(point), column);
}
