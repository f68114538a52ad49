import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import { DiscreteGaussianMechanism } from '../mechanism/discrete-gaussian-mechanism.js';
import { DiscreteLaplaceMechanism } from '../mechanism/discrete-laplace-mechanism.js';
import { requirePositive, type IntegerMechanism, type PrivacyLoss } from '../mechanism/mechanism.js';
import { multiply, rational, type Rational } from '../rational.js';
import { PrivateSelection } from '../selection/private-selection.js';
import { rootAbove, rootBelow } from '../rational-root.js';

/** Two columns by position, the first below the second. */
export interface ColumnPair {
  readonly left: number;
  readonly right: number;
}

/**
 * Everything about a synthetic table but the data: which marginals may be measured, with which noise, and how the tree of
 * pairs is chosen. It follows from the public domain and the loss alone.
 */
export interface SynthesisPlan {
  /** How many values each column can take. */
  readonly cells: readonly number[];
  /** How many rows one unit counts with. */
  readonly rowsPerUnit: bigint;
  /** Noise on every cell of every one-way marginal. */
  readonly single: IntegerMechanism;
  /** Noise on every cell of the chosen two-way marginals; absent when no pair is small enough. */
  readonly pair: IntegerMechanism | undefined;
  /** One round of choosing a pair; absent where there is nothing to choose. */
  readonly selection: PrivateSelection | undefined;
  readonly candidates: readonly ColumnPair[];
  /** How many pairs are chosen: as many as the candidates allow without a cycle. */
  readonly links: number;
  readonly loss: PrivacyLoss;
}

/** A pair with more cells than this has more noise than content in any table that fits in memory here. */
export const MOST_PAIR_CELLS = 20_000;

const neighbours = 'add_or_remove_unit';

/**
 * Plans MST: one-way marginals, then a tree of pairs that tell most beyond them, then the marginals of those pairs. Each
 * third of the loss goes to one of these, evenly within it; what is not needed is shared by the others. The parts compose
 * to at most `loss` (exactly, for a pure one).
 *
 * Neighbours: add or remove all rows of one unit. Sensitivity: a unit counts with at most m = `rowsPerUnit` rows, so each
 * marginal changes by Δ₁ ≤ m (Δ₂ ≤ m, all in one cell), and the score of a pair by at most m.
 * Source: McKenna, Miklau, Sheldon, arXiv 2108.04978 (MST); the scores' allowance for noise: arXiv 2201.12677 (AIM).
 * Fails with `parameter_invalid` when there is no column, a column has no value, or the loss is 0.
 */
export function planSynthesis(
  cells: readonly number[],
  loss: PrivacyLoss,
  rowsPerUnit: bigint,
): SynthesisPlan {
  if (cells.length === 0 || cells.some((count) => !Number.isInteger(count) || count < 1))
    throw new DifferentialPrivacyError('parameter_invalid', 'Every column needs a value to take.');
  requirePositive(rowsPerUnit, 'The number of rows a unit counts with');
  const candidates = smallPairs(cells);
  const links = forestOf(cells.length, candidates).length;
  const chooses = candidates.length > links;
  const stages = 1n + (links > 0 ? 1n : 0n) + (chooses ? 1n : 0n);
  const share = (parts: number): PrivacyLoss => scaled(loss, rational(1n, stages * BigInt(parts)));
  return {
    cells,
    rowsPerUnit,
    single: noiseCosting(share(cells.length), rowsPerUnit),
    pair: links > 0 ? noiseCosting(share(links), rowsPerUnit) : undefined,
    selection: chooses ? selectionCosting(share(links), rowsPerUnit) : undefined,
    candidates,
    links,
    loss,
  };
}

function smallPairs(cells: readonly number[]): ColumnPair[] {
  return cells.flatMap((count, right) =>
    cells
      .slice(0, right)
      .flatMap((other, left) => (count * other <= MOST_PAIR_CELLS ? [{ left, right }] : [])),
  );
}

/** Of the pairs, in order, those that join what was apart. */
export function forestOf(columns: number, pairs: readonly ColumnPair[]): ColumnPair[] {
  const groups = new ColumnGroups(columns);
  return pairs.filter((pair) => groups.join(pair));
}

/** Which columns are connected so far. */
export class ColumnGroups {
  private group: number[];

  constructor(columns: number) {
    this.group = Array.from({ length: columns }, (_, column) => column);
  }

  apart({ left, right }: ColumnPair): boolean {
    return this.group[left] !== this.group[right];
  }

  /** False when the two were connected already. */
  join(pair: ColumnPair): boolean {
    if (!this.apart(pair)) return false;
    const [from, to] = [this.group[pair.right], this.group[pair.left] ?? 0];
    this.group = this.group.map((group) => (group === from ? to : group));
    return true;
  }
}

function scaled(loss: PrivacyLoss, factor: Rational): PrivacyLoss {
  return loss.definition === 'pure'
    ? { definition: 'pure', epsilon: multiply(loss.epsilon, factor) }
    : { definition: 'zero_concentrated', rho: multiply(loss.rho, factor) };
}

/** σ is rounded up, so that ρ is at most what it may be. */
function noiseCosting(loss: PrivacyLoss, rows: bigint): IntegerMechanism {
  if (loss.definition === 'pure')
    return DiscreteLaplaceMechanism.costing(loss.epsilon, { neighbours, absolute: rows });
  requirePositive(loss.rho.numerator, 'Rho');
  const variance = rational(rows * rows * loss.rho.denominator, 2n * loss.rho.numerator);
  return DiscreteGaussianMechanism.withScale(rootAbove(variance), { neighbours, squared: rows * rows });
}

/** Permute-and-flip is the better one for a pure loss; the exponential mechanism costs a quarter under zCDP: ρ = ε²/8. */
function selectionCosting(loss: PrivacyLoss, rows: bigint): PrivateSelection {
  const sensitivity = { neighbours, perScore: rows, monotonic: false } as const;
  return loss.definition === 'pure'
    ? PrivateSelection.costing(loss.epsilon, sensitivity)
    : PrivateSelection.costing(rootBelow(multiply(loss.rho, rational(8n))), sensitivity, 'exponential');
}
