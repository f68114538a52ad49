import { deltaChargeOf } from '../ledger/atto-delta.js';
import { chargeOf } from '../ledger/pico-epsilon.js';
import type { Charge } from '../measurement/measurement-plan.js';

/**
 * What somebody offers for an answer. The delta is charged where it is needed and not otherwise.
 * Fails with `epsilon_malformed`, `epsilon_out_of_range`, `delta_malformed` and `delta_out_of_range`.
 */
export function offeredCharge(epsilon: string, delta: string | undefined): Charge {
  return { costPico: chargeOf(epsilon), costAtto: delta === undefined ? 0n : deltaChargeOf(delta) };
}
