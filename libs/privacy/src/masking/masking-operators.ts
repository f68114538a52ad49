import { createHmac } from 'node:crypto';
import { PrivacyError } from '../privacy-error.js';

/** Makes another text of one value. A missing value stays missing: the empty text. */
export type Mask = (value: string) => string;

const DAY_MS = 86_400_000;
const LEAST_KEY_BYTES = 16;

function refused(publicDetail: string): PrivacyError {
  return new PrivacyError('masking_refused', { kind: 'invalid', publicDetail });
}

function keyed(key: Uint8Array, purpose: string, value: string): Buffer {
  if (key.length < LEAST_KEY_BYTES) throw refused(`A key has at least ${LEAST_KEY_BYTES} bytes.`);
  // The purpose has no NUL, so no purpose and value run into another pair.
  return createHmac('sha256', key).update(`${purpose}\0${value}`, 'utf8').digest();
}

/** Nothing of the value is left, not even its length. Not reversible. */
export function redact(): Mask {
  return (value) => (value === '' ? '' : '[redacted]');
}

/**
 * Hides all characters but some at the ends: `138••••••00`. Not reversible, but what is left may be enough to tell persons
 * apart. A value too short to hide at least half of it is hidden whole.
 */
export function maskMiddle({ first, last }: { readonly first: number; readonly last: number }): Mask {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || last < 0)
    throw refused('The numbers of characters to keep are 0 or more.');
  return (value) => {
    const characters = [...value];
    const keeps = 2 * (first + last) <= characters.length;
    return characters
      .map((character, at) => (keeps && (at < first || at >= characters.length - last) ? character : '•'))
      .join('');
  };
}

/** A number becomes the interval of a fixed width that it lies in: `[20, 30)`. Anything else becomes missing. Not reversible. */
export function generaliseNumber(width: number): Mask {
  if (!(Number.isSafeInteger(width) && width > 0))
    throw refused('The width of an interval is a whole number above 0.');
  return (value) => {
    const number = value.trim() === '' ? NaN : Number(value);
    const from = Math.floor(number / width) * width;
    return Number.isSafeInteger(from) ? `[${from}, ${from + width})` : '';
  };
}

/** A date YYYY-MM-DD becomes its year or its month; anything else becomes missing. Not reversible. */
export function generaliseDate(to: 'year' | 'month'): Mask {
  return (value) => (dayOf(value) === undefined ? '' : value.slice(0, to === 'year' ? 4 : 7));
}

/** A category becomes the wider one of a public list; what is not on the list becomes missing. Not reversible. */
export function generaliseCategory(wider: ReadonlyMap<string, string>): Mask {
  return (value) => wider.get(value) ?? '';
}

/**
 * Moves all dates of one unit by the same number of days, from 1 to `mostDays` either way, so that what lies between them
 * stays. With the key it can be undone; without it, somebody who knows one true date of a unit knows them all.
 */
export class DateShift {
  constructor(
    private readonly key: Uint8Array,
    private readonly mostDays: number,
  ) {
    if (!(Number.isSafeInteger(mostDays) && mostDays >= 1 && mostDays <= 36_500))
      throw refused('Dates are moved by 1 to 36500 days.');
  }

  mask(unit: string, value: string): string {
    return moved(value, this.daysOf(unit));
  }

  reveal(unit: string, masked: string): string {
    return moved(masked, -this.daysOf(unit));
  }

  /** 64 bits over at most 73 000 outcomes: uniform to one in 10¹⁴. */
  private daysOf(unit: string): number {
    const outcome = Number(keyed(this.key, 'date shift', unit).readBigUInt64BE() % BigInt(2 * this.mostDays));
    return outcome < this.mostDays ? outcome - this.mostDays : outcome - this.mostDays + 1;
  }
}

function moved(value: string, days: number): string {
  const day = dayOf(value);
  if (day === undefined) return '';
  const text = new Date((day + days) * DAY_MS).toISOString();
  return text.length === 24 ? text.slice(0, 10) : '';
}

/** Days since 1970 of a date of the calendar, YYYY-MM-DD. */
function dayOf(value: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const time = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) return undefined;
  return time / DAY_MS;
}

/**
 * The same value becomes the same token wherever the key and the domain are the same, so that tables still join: HMAC-SHA-256,
 * cut to 128 bits, in hexadecimal. Not reversible, and not to be guessed without the key; with it every value can be tried.
 * One key a dataset: tokens of two datasets then can not be joined.
 */
export function token(key: Uint8Array, domain: string): Mask {
  if (domain.includes('\0')) throw refused('A domain has no NUL.');
  keyed(key, 'token', '');
  return (value) =>
    value === '' ? '' : keyed(key, `token ${domain}`, value).subarray(0, 16).toString('hex');
}
