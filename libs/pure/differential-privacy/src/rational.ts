import { DifferentialPrivacyError } from './differential-privacy-error.js';

/**
 * An exact fraction ≥ 0 in lowest terms. Scales and costs are kept like this so that no rounding stands between
 * what a person asked and what the sampler draws. Samplers never compute with it: they take the two integers apart.
 */
export interface Rational {
  readonly numerator: bigint;
  /** At least 1. */
  readonly denominator: bigint;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Reduces by the greatest common divisor. Fails with `parameter_invalid` below zero or over zero. */
export function rational(numerator: bigint, denominator: bigint = 1n): Rational {
  if (denominator <= 0n || numerator < 0n)
    throw new DifferentialPrivacyError(
      'parameter_invalid',
      'A fraction must be at least 0, over a positive denominator.',
    );
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function add(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Fails with `parameter_invalid` when `b` is zero. */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator);
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The least integer that is not below `value`. */
export function ceiling(value: Rational): bigint {
  return (value.numerator + value.denominator - 1n) / value.denominator;
}

/** The nearest double, for display and for bounds that allow for its error. */
export function toNumber({ numerator, denominator }: Rational): number {
  const bits = (value: bigint) => value.toString(2).length;
  const shift = BigInt(Math.max(0, 64 - (bits(numerator) - bits(denominator))));
  const quotient = Number((numerator << shift) / denominator);
  // Two factors, so that neither 2^-shift nor the product underflows before the value itself does.
  const half = Number(shift) / 2;
  return quotient * 2 ** -Math.floor(half) * 2 ** -Math.ceil(half);
}

export function toText({ numerator, denominator }: Rational): string {
  return denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
}
