import type { IntegerMechanism } from '@castellan/differential-privacy';
import { ATTO_PER_DELTA } from '@castellan/differential-privacy';

/** Which groups are shown when their keys are not public: those whose noisy number of units is **greater than** `threshold`. */
export interface PlannedSelection {
  readonly threshold: bigint;
  /** What the ledger is charged. */
  readonly deltaAtto: bigint;
}

/** Floating point in the tail loses far less than this. */
const ROUNDING = 1 + 2 ** -40;

/**
 * The least threshold at which one unit's own groups are shown with probability at most δ in all.
 *
 * Neighbours: add or remove all rows of one unit. Groups that both tables have differ by the mechanism's cost; a group that
 * only one has counts one unit, and is shown with probability P[1 + Z > T]; there are at most L0 of them, so
 * δ ≤ L0 · P[Z > T − 1]. Source: GDP, Delta For Thresholding; Korolova et al., WWW 2009.
 */
export function planSelection(
  mechanism: IntegerMechanism,
  groupsPerUnit: bigint,
  deltaAtto: bigint,
): PlannedSelection {
  const each = Number(deltaAtto) / Number(ATTO_PER_DELTA) / Number(groupsPerUnit);
  const tooOften = (threshold: bigint) => mechanism.upperTail(threshold - 1n) * ROUNDING > each;
  let beyond = 2n;
  while (tooOften(beyond)) beyond *= 2n;
  let within = 0n;
  while (beyond - within > 1n) {
    const middle = (within + beyond) / 2n;
    if (tooOften(middle)) within = middle;
    else beyond = middle;
  }
  return { threshold: beyond, deltaAtto };
}
