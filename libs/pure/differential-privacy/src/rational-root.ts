import { rational, type Rational } from './rational.js';

/** Binary places after the point that a root keeps. */
const PLACES = 40n;

/** The greatest integer whose square is at most `value`, by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** √value from below, to 40 binary places. */
export function rootBelow({ numerator, denominator }: Rational): Rational {
  return rational(integerRoot((numerator << (2n * PLACES)) / denominator), 1n << PLACES);
}

/** √value from above, to 40 binary places. */
export function rootAbove({ numerator, denominator }: Rational): Rational {
  const above = ((numerator << (2n * PLACES)) + denominator - 1n) / denominator;
  const root = integerRoot(above);
  return rational(root * root === above ? root : root + 1n, 1n << PLACES);
}
