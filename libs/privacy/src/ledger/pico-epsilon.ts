import { parseEpsilon, picoEpsilon } from '@castellan/differential-privacy';
import { decimalText } from '../declaration/fixed-point.js';
import { PrivacyError } from '../privacy-error.js';

const PLACES = 12;

/**
 * What a question with this epsilon is charged, in 1e-12 epsilon. The noise is drawn for the charge itself (what was
 * asked, rounded up), so that loss and ledger agree exactly. Fails with `epsilon_malformed` and `epsilon_out_of_range`.
 */
export function chargeOf(epsilon: string): bigint {
  return picoEpsilon(parseEpsilon(epsilon));
}

/** A budget's limit, in 1e-12 epsilon: a positive decimal below a million with at most 12 places. */
export function limitOf(text: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,12}))?$/.exec(text) ?? [];
  const limit = whole === undefined ? 0n : BigInt(whole + fraction.padEnd(PLACES, '0'));
  if (limit > 0n) return limit;
  throw new PrivacyError('declaration_invalid', {
    kind: 'invalid',
    publicDetail: 'The limit must be a decimal above 0 and below 1000000, with at most 12 decimal places.',
  });
}

/** An amount of the ledger as an exact decimal: 1500000000000 is "1.5". */
export function epsilonText(pico: bigint): string {
  return decimalText(pico, PLACES);
}
