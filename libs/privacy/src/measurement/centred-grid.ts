import type { NumberColumn } from '../declaration/protected-table.js';
import { gridOf, type ValueGrid } from './value-grid.js';

/**
 * Fine enough that rounding to it is far below any noise, and coarse enough that the squares of a unit's rows
 * (at most 100 000 of them, the contract's limit) add up to less than 2⁶².
 */
const MOST_POINTS = 2n ** 23n;

/** A grid whose points are counted from its middle, so that a unit moves a sum by half the range and not by the larger bound. */
export interface CentredGrid extends ValueGrid {
  /** The point that counts as 0. */
  readonly centre: bigint;
  /** How far a point can be from the centre. */
  readonly reach: bigint;
}

/** The grid that AVG and VARIANCE add up on. The centre is public: nothing is ever measured from the mean of the rows. */
export function centredGridOf(column: NumberColumn): CentredGrid {
  const grid = gridOf(column, MOST_POINTS);
  const centre = grid.last / 2n;
  return { ...grid, centre, reach: grid.last - centre };
}
