import { DifferentialPrivacyError } from './differential-privacy-error.js';
import { ceiling, compare, multiply, rational, type Rational } from './rational.js';
import { readDecimal } from './read-decimal.js';

/** One unit of the ledger: 1e-12 rho. */
export const PICO_PER_RHO = 1_000_000_000_000n;

/** As for epsilon, to which ρ = ε²/2 corresponds: 1e-10 is an epsilon of about 1.4e-5. */
export const SMALLEST_RHO = rational(1n, 10_000_000_000n);
export const LARGEST_RHO = rational(1_000n);

/**
 * Reads a rho as a person wrote it, exactly.
 *
 * Range: 1e-10 to 1000. Fails with `rho_malformed` for anything but a plain positive decimal, with or without an
 * exponent; with `rho_out_of_range` outside the range.
 */
export function parseRho(text: string): Rational {
  const rho = readDecimal(text);
  if (!rho)
    throw new DifferentialPrivacyError(
      'rho_malformed',
      'Rho must be a positive decimal such as 0.01, or one with an exponent such as 5e-3.',
    );
  if (compare(rho, SMALLEST_RHO) < 0 || compare(rho, LARGEST_RHO) > 0)
    throw new DifferentialPrivacyError('rho_out_of_range', 'Rho must lie between 1e-10 and 1000.');
  return rho;
}

/** What the ledger charges: rho in units of 1e-12, rounded up. */
export function picoRho(rho: Rational): bigint {
  return ceiling(multiply(rho, rational(PICO_PER_RHO)));
}
