import type { ExactFigures } from './exact-figures.js';
import type { MeasurementPlan } from './measurement-plan.js';

/**
 * Clamps, bounds contributions and adds up integers over a protected table; adds no noise.
 *
 * Promise: as stated for `compileBoundingQuery`, for any `selectionKey`. Nothing of the table reaches a disk, a log or an
 * error message. Concurrency: measurements may run side by side. Every failure after the first byte was read counts as
 * having touched the data.
 */
export abstract class MeasurementEngine {
  /**
   * `table` is in the declared format, as checked when it was sealed.
   * `selectionKey` decides which groups of a unit count when it has too many; fresh random text for every measurement.
   */
  abstract measure(plan: MeasurementPlan, table: Uint8Array, selectionKey: string): Promise<ExactFigures>;
}
