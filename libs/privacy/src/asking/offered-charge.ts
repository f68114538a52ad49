import { deltaChargeOf } from '../ledger/atto-delta.js';
import { chargeIn, type Accounting, type Offered } from '../ledger/accounting.js';
import type { Charge } from '../measurement/measurement-plan.js';

export interface OfferedCharge extends Offered {
  readonly delta?: string | undefined;
}

/**
 * What somebody offers for an answer. The delta is charged where it is needed and not otherwise.
 * Fails as `chargeIn` does, and with `delta_malformed` and `delta_out_of_range`.
 */
export function offeredCharge(accounting: Accounting, { delta, ...offered }: OfferedCharge): Charge {
  return {
    costPico: chargeIn(accounting, offered),
    costAtto: delta === undefined ? 0n : deltaChargeOf(delta),
  };
}
