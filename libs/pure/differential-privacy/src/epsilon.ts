import { DifferentialPrivacyError } from './differential-privacy-error.js';
import { readDecimal } from './read-decimal.js';
import { ceiling, compare, multiply, rational, type Rational } from './rational.js';

/** One unit of the ledger: 1e-12 epsilon. Integers of it add up exactly; a double would lose a little each time. */
export const PICO_PER_EPSILON = 1_000_000_000_000n;

/** Below this the noise drowns any count on earth, above it the guarantee says nothing. */
export const SMALLEST_EPSILON = rational(1n, 1_000_000_000n);
export const LARGEST_EPSILON = rational(100n);

function malformed(): DifferentialPrivacyError {
  return new DifferentialPrivacyError(
    'epsilon_malformed',
    'Epsilon must be a positive decimal such as 0.5, a fraction such as 1/3, or a decimal with an exponent such as 5e-2.',
  );
}

function parseFraction(text: string): Rational | undefined {
  const match = /^(\d{1,18})\/(\d{1,18})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const denominator = BigInt(match[2]);
  return denominator === 0n ? undefined : rational(BigInt(match[1]), denominator);
}

/**
 * Reads what a person wrote, exactly: "0.1" is one tenth, not the double nearest to it.
 *
 * Range: 1e-9 to 100. Fails with `epsilon_malformed` for anything but a plain positive decimal or fraction (no sign,
 * no spaces, no `NaN`, no `Infinity`), with `epsilon_out_of_range` outside the range (0, `1e-400`, `1e400`).
 */
export function parseEpsilon(text: string): Rational {
  const epsilon = parseFraction(text) ?? readDecimal(text);
  if (!epsilon) throw malformed();
  if (compare(epsilon, SMALLEST_EPSILON) < 0 || compare(epsilon, LARGEST_EPSILON) > 0)
    throw new DifferentialPrivacyError('epsilon_out_of_range', 'Epsilon must lie between 1e-9 and 100.');
  return epsilon;
}

/** What the ledger charges: epsilon in units of 1e-12, rounded up, so that a sum of charges never falls below the loss. */
export function picoEpsilon(epsilon: Rational): bigint {
  return ceiling(multiply(epsilon, rational(PICO_PER_EPSILON)));
}
