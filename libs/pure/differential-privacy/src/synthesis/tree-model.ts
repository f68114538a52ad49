import type { MarginalRelease, ReleasedPair } from './exact-marginals.js';
import { projectToTotal } from './project-to-total.js';
import type { SynthesisPlan } from './synthesis-plan.js';

/** One column of a model: how likely each of its values is, given the value of its parent. */
export interface ModelColumn {
  readonly column: number;
  /** Absent for a root, whose `given` has one row. */
  readonly parent?: number;
  /** By the parent's value, then by value. Every row adds up to 1. */
  readonly given: readonly (readonly number[])[];
}

/** A distribution over whole rows in which every column depends on one other at most. Made of released counts alone. */
export interface TreeModel {
  /** Parents before their children. */
  readonly columns: readonly ModelColumn[];
  /** The estimated number of rows, at least 0. */
  readonly rows: number;
}

type Counts = readonly number[];

const ROUNDS = 200;
/** Share of independence mixed into a pair, so that no value that occurs is left without a continuation. */
const SUPPORT = 1e-6;

/**
 * The tree whose marginals are nearest to what was released: totals and single columns are averaged over all counts that
 * tell about them (by inverse variance), made non-negative by projection, and each pair is fitted to its two columns by
 * iterative proportional fitting. On a tree, pairs that agree on their columns make exactly one distribution with these
 * marginals, so that no junction tree is needed.
 *
 * Post-processing: costs nothing. Source: arXiv 2108.04978, section 4; fitting: Deming and Stephan 1940.
 */
export function fitTree(plan: SynthesisPlan, release: MarginalRelease): TreeModel {
  const rows = Math.max(0, estimatedRows(release));
  const singles = release.singles.map((_, column) =>
    projectToTotal(pooledCounts(plan, release, column), rows),
  );
  const fitted = release.pairs.map((pair) => fitPair(pair, singles, rows));
  return { rows, columns: orderedColumns(plan.cells.length, singles, release.pairs, fitted) };
}

/** A marginal of c cells has c times the variance of one cell in its total. */
function estimatedRows({ singles }: MarginalRelease): number {
  const weights = singles.map((counts) => 1 / counts.length);
  const totals = singles.map((counts) => Number(counts.reduce((sum, count) => sum + count, 0n)));
  return (
    totals.reduce((sum, total, i) => sum + total * (weights[i] ?? 0), 0) /
    weights.reduce((sum, weight) => sum + weight, 0)
  );
}

/** A column's counts, also as the pairs that it is in tell them. */
function pooledCounts(plan: SynthesisPlan, { singles, pairs }: MarginalRelease, column: number): number[] {
  const own = (singles[column] ?? []).map(Number);
  const sources = [{ counts: own, variance: plan.single.standardDeviation ** 2 }];
  const perCell = (plan.pair?.standardDeviation ?? 0) ** 2;
  for (const pair of pairs) {
    if (pair.left !== column && pair.right !== column) continue;
    const others = (pair.noisy.length / own.length) | 0;
    sources.push({ counts: sumsOf(pair, column, own.length), variance: perCell * others });
  }
  const weight = sources.reduce((sum, { variance }) => sum + 1 / variance, 0);
  return own.map((_, value) =>
    sources.reduce((sum, { counts, variance }) => sum + (counts[value] ?? 0) / variance / weight, 0),
  );
}

function sumsOf({ left, noisy }: ReleasedPair, column: number, values: number): number[] {
  const width = left === column ? noisy.length / values : values;
  const sums = Array.from({ length: values }, () => 0);
  noisy.forEach((count, cell) => {
    const value = left === column ? Math.floor(cell / width) : cell % width;
    sums[value] = (sums[value] ?? 0) + Number(count);
  });
  return sums;
}

/** Non-negative counts, row by row, with (all but) the two columns' totals. */
function fitPair({ left, right, noisy }: ReleasedPair, singles: readonly Counts[], rows: number): number[] {
  const [high, low] = [singles[left] ?? [], singles[right] ?? []];
  const projected = projectToTotal(noisy.map(Number), rows);
  const table = projected.map((count, cell) => {
    const independent = (high[Math.floor(cell / low.length)] ?? 0) * (low[cell % low.length] ?? 0);
    return count + (rows > 0 ? (SUPPORT * independent) / rows : 0);
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    scaleTo(table, high, (cell) => Math.floor(cell / low.length));
    if (scaleTo(table, low, (cell) => cell % low.length) < 1e-9) break;
  }
  return table;
}

/** Scales the cells of every line to its target; returns the largest relative change. */
function scaleTo(table: number[], targets: Counts, lineOf: (cell: number) => number): number {
  const sums = targets.map(() => 0);
  table.forEach((count, cell) => (sums[lineOf(cell)] = (sums[lineOf(cell)] ?? 0) + count));
  const factors = targets.map((target, line) => (sums[line] ? target / (sums[line] ?? 1) : 0));
  table.forEach((count, cell) => (table[cell] = count * (factors[lineOf(cell)] ?? 0)));
  return factors.reduce(
    (most, factor, line) => (sums[line] ? Math.max(most, Math.abs(factor - 1)) : most),
    0,
  );
}

function orderedColumns(
  count: number,
  singles: readonly Counts[],
  pairs: readonly ReleasedPair[],
  fitted: readonly Counts[],
): ModelColumn[] {
  const ordered: ModelColumn[] = [];
  const seen = new Set<number>();
  const visit = (column: number, from?: number, given?: readonly Counts[]) => {
    seen.add(column);
    const single = normalised(singles[column] ?? []);
    ordered.push({
      column,
      ...(from === undefined ? {} : { parent: from }),
      given: given?.map((line) => normalised(line, single)) ?? [single],
    });
    pairs.forEach(({ left, right }, p) => {
      if (left !== column && right !== column) return;
      const next = left === column ? right : left;
      if (seen.has(next)) return;
      visit(next, column, linesOf(fitted[p] ?? [], singles[right]?.length ?? 1, left === column));
    });
  };
  for (let column = 0; column < count; column += 1) if (!seen.has(column)) visit(column);
  return ordered;
}

/** The table by its left value, or by its right one. */
function linesOf(table: Counts, width: number, byLeft: boolean): number[][] {
  const lines = Array.from({ length: byLeft ? table.length / width : width }, (): number[] => []);
  table.forEach((count, cell) => lines[byLeft ? Math.floor(cell / width) : cell % width]?.push(count));
  return lines;
}

/** Adds up to 1; where nothing is known, `otherwise`, or all values alike. */
function normalised(counts: Counts, otherwise: Counts = counts.map(() => 1 / counts.length)): Counts {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > 0 ? counts.map((count) => count / total) : otherwise;
}
