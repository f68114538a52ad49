import { rational, type Rational } from './rational.js';

const LONGEST_TEXT = 64;
const LARGEST_EXPONENT = 400;

/** A plain decimal, with or without an exponent, as the fraction that it is. Undefined for anything else, and for more than 64 characters. */
export function readDecimal(text: string): Rational | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (!match?.[1]) return undefined;
  const fraction = match[2] ?? '';
  const exponent = Number(match[3] ?? '0') - fraction.length;
  if (Math.abs(exponent) > LARGEST_EXPONENT + LONGEST_TEXT) return undefined;
  const digits = BigInt(match[1] + fraction);
  return exponent >= 0
    ? rational(digits * 10n ** BigInt(exponent))
    : rational(digits, 10n ** BigInt(-exponent));
}
