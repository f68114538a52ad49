import { attoDelta, parseDelta } from '@castellan/differential-privacy';
import { decimalText } from '../declaration/fixed-point.js';
import { PrivacyError } from '../privacy-error.js';

const PLACES = 18;

/** What a question with this delta is charged, in 1e-18 delta, rounded up. Fails with `delta_malformed` and `delta_out_of_range`. */
export function deltaChargeOf(delta: string): bigint {
  return attoDelta(parseDelta(delta));
}

/** A budget's limit, in 1e-18 delta; 0 when the dataset has none. Rounded up like a charge, so that all of it can be spent. */
export function deltaLimitOf(text: string | undefined): bigint {
  if (text === undefined) return 0n;
  try {
    return deltaChargeOf(text);
  } catch (cause) {
    throw new PrivacyError('declaration_invalid', {
      kind: 'invalid',
      publicDetail: 'The limit of delta must be a decimal between 1e-18 and 0.5.',
      cause,
    });
  }
}

/** An amount of delta as a person writes it: 1000000000 is "1e-9", 2500000000000000 is "0.0025". */
export function deltaText(atto: bigint): string {
  if (atto === 0n) return '0';
  const digits = atto.toString();
  const exponent = digits.length - 1 - PLACES;
  if (exponent > -4) return decimalText(atto, PLACES);
  const fraction = digits.slice(1).replace(/0+$/, '');
  return `${digits[0]}${fraction === '' ? '' : `.${fraction}`}e${exponent}`;
}
