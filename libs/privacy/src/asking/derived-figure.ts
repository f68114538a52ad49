import { decimalText } from '../declaration/fixed-point.js';
import type { NumberColumn } from '../declaration/protected-table.js';
import type { CentredGrid } from '../measurement/centred-grid.js';

/** A noisy integer, and how far it is from the exact one at most. */
export interface NoisyInteger {
  readonly noisy: bigint;
  readonly halfWidth: bigint;
}

/** What noisy integers make of a column, in its units, between two bounds. Arithmetic on what was released: free. */
export interface DerivedFigure {
  readonly value: number;
  readonly interval: readonly [number, number];
}

export interface Moments {
  readonly count: NoisyInteger;
  /** In steps of the centred grid. */
  readonly centred: NoisyInteger;
}

export interface SquaredMoments extends Moments {
  /** In squared steps of the centred grid. */
  readonly squares: NoisyInteger;
}

type Interval = readonly [number, number];

const clampTo = ([low, high]: Interval, value: number) => Math.min(high, Math.max(low, value));

function intervalOf({ noisy, halfWidth }: NoisyInteger): Interval {
  return [Number(noisy - halfWidth), Number(noisy + halfWidth)];
}

/** A count below 1 divides as 1: no rows and few rows must not be told apart by an error. */
function atLeastOne(count: number): number {
  return Math.max(1, count);
}

/** All quotients of a sum in an interval by a count in an interval. */
function quotient([low, high]: Interval, [fewest, most]: Interval): Interval {
  const [few, many] = [atLeastOne(fewest), atLeastOne(most)];
  return [low / (low < 0 ? few : many), high / (high < 0 ? many : few)];
}

function squared([low, high]: Interval): Interval {
  const squares = [low * low, high * high] as const;
  return [low <= 0 && high >= 0 ? 0 : Math.min(...squares), Math.max(...squares)];
}

function unitOf({ step }: CentredGrid, { decimals }: NumberColumn): number {
  return Number(decimalText(step, decimals));
}

/**
 * The mean: noisy centred sum ÷ max(1, noisy count), moved back by the centre and clamped to the declared bounds.
 * The interval holds the exact mean of the bounded rows whenever both exact integers lie within their half widths.
 */
export function averageOf(
  { count, centred }: Moments,
  grid: CentredGrid,
  column: NumberColumn,
): DerivedFigure {
  const unit = unitOf(grid, column);
  const bounds: Interval = [
    Number(decimalText(column.lower, column.decimals)),
    Number(decimalText(column.upper, column.decimals)),
  ];
  const middle = Number(decimalText(grid.lower + grid.centre * grid.step, column.decimals));
  const place = (steps: number) => clampTo(bounds, middle + steps * unit);
  const [low, high] = quotient(intervalOf(centred), intervalOf(count));
  return {
    value: place(Number(centred.noisy) / atLeastOne(Number(count.noisy))),
    interval: [place(low), place(high)],
  };
}

/**
 * The variance of a sample: (mean of squares − square of mean) · n/(n−1), between 0 and the greatest that the bounds allow.
 * Squares are taken from the public centre, never from a mean of the rows: that would have another sensitivity (opendp#2923).
 */
export function varianceOf(
  { count, centred, squares }: SquaredMoments,
  grid: CentredGrid,
  column: NumberColumn,
): DerivedFigure {
  const unit = unitOf(grid, column) ** 2;
  // Two rows at the two bounds have this: nothing within the bounds has more.
  const greatest = (Number(grid.last) ** 2 / 2) * unit;
  const place = (steps: number) => clampTo([0, greatest], steps * unit);
  const ofSample = (variance: number, n: number) => (variance * n) / atLeastOne(n - 1);
  const rows = atLeastOne(Number(count.noisy));
  const variance = Number(squares.noisy) / rows - (Number(centred.noisy) / rows) ** 2;
  const counts = intervalOf(count);
  const [leastSquares, mostSquares] = quotient(intervalOf(squares), counts);
  const [leastMean, mostMean] = squared(quotient(intervalOf(centred), counts));
  const fewest = atLeastOne(counts[0]);
  return {
    value: place(ofSample(variance, rows)),
    interval: [
      place(Math.max(0, leastSquares - mostMean)),
      fewest < 2 ? greatest : place(ofSample(mostSquares - leastMean, fewest)),
    ],
  };
}

/** The square root, of the figure and of both ends. */
export function rootOf({ value, interval: [low, high] }: DerivedFigure): DerivedFigure {
  return { value: Math.sqrt(value), interval: [Math.sqrt(low), Math.sqrt(high)] };
}
