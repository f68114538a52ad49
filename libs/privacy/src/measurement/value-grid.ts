import type { NumberColumn } from '../declaration/protected-table.js';

/**
 * Evenly spaced values over the declared bounds of a column: public, like the bounds. Point i stands for
 * lower + i·step, in integers of 10^−decimals; the last point may lie up to half a step beyond the upper bound.
 */
export interface ValueGrid {
  readonly lower: bigint;
  readonly step: bigint;
  /** The highest point; points are counted from 0. */
  readonly last: bigint;
}

/** The finest grid of whole steps with at most `mostPoints` points. A value is at most half a step from its point. */
export function gridOf({ lower, upper }: NumberColumn, mostPoints: bigint): ValueGrid {
  const range = upper - lower;
  const gaps = mostPoints - 1n;
  const step = (range + gaps - 1n) / gaps;
  return { lower, step, last: (range + step / 2n) / step };
}

/** The value of a point, within the bounds. */
export function valueAt({ lower, step }: ValueGrid, point: bigint, { upper }: NumberColumn): bigint {
  const value = lower + point * step;
  return value > upper ? upper : value;
}
