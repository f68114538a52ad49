import { DifferentialPrivacyError } from './differential-privacy-error.js';
import { readDecimal } from './read-decimal.js';
import { ceiling, compare, multiply, rational, type Rational } from './rational.js';

/** One unit of the ledger: 1e-18 delta. Integers of it add up exactly and fit a signed 64-bit column up to δ = 1. */
export const ATTO_PER_DELTA = 1_000_000_000_000_000_000n;

/** Below this a threshold lies hundreds of scales up; from a half on the guarantee is a coin toss. */
export const SMALLEST_DELTA = rational(1n, ATTO_PER_DELTA);
export const LARGEST_DELTA = rational(1n, 2n);

/**
 * Reads a delta as a person wrote it, exactly: "1e-9" is a thousand-millionth.
 *
 * Range: 1e-18 to 0.5. Fails with `delta_malformed` for anything but a plain positive decimal, with or without an
 * exponent; with `delta_out_of_range` outside the range.
 */
export function parseDelta(text: string): Rational {
  const delta = readDecimal(text);
  if (!delta)
    throw new DifferentialPrivacyError(
      'delta_malformed',
      'Delta must be a positive decimal such as 0.000001, or one with an exponent such as 1e-6.',
    );
  if (compare(delta, SMALLEST_DELTA) < 0 || compare(delta, LARGEST_DELTA) > 0)
    throw new DifferentialPrivacyError('delta_out_of_range', 'Delta must lie between 1e-18 and 0.5.');
  return delta;
}

/** What the ledger charges: delta in units of 1e-18, rounded up. */
export function attoDelta(delta: Rational): bigint {
  return ceiling(multiply(delta, rational(ATTO_PER_DELTA)));
}
