import type { ColumnMask } from '@castellan/contracts';
import { PrivacyError } from '../privacy-error.js';
import { FormatPreserving } from './format-preserving.js';
import type { MaskingPlan, PlannedColumn } from './masking-plan.js';
import {
  DateShift,
  generaliseCategory,
  generaliseDate,
  generaliseNumber,
  maskMiddle,
  redact,
  token,
  type Mask,
} from './masking-operators.js';

/** Secrets of one dataset, by label: see `OpenedForWork`. */
export type DeriveSecret = (label: string, lengthBytes: number) => Buffer;

type MaskOfUnit = (value: string, unit: string) => string;

const alphabets = {
  digits: '0123456789',
  letters_and_digits: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
} as const;

/**
 * The operators of a plan, with keys that belong to the dataset: a value has the same token in every release of it, and in
 * no other dataset. Encryption has a tweak of its own for each column.
 */
export class ColumnMasks {
  readonly #masks: readonly (readonly [PlannedColumn, MaskOfUnit])[];

  constructor(
    private readonly plan: MaskingPlan,
    derive: DeriveSecret,
  ) {
    this.#masks = plan.columns.map((column) => [column, operator(column, derive)]);
  }

  /** @throws masking_refused, naming the column and never the value */
  apply(record: readonly string[]): string[] {
    const unit = record[this.plan.unitAt] ?? '';
    return this.#masks.map(([{ name, at }, mask]) => {
      try {
        return mask(record[at] ?? '', unit);
      } catch (error) {
        if (!(error instanceof PrivacyError)) throw error;
        throw new PrivacyError('masking_refused', {
          kind: 'invalid',
          publicDetail: `Column ${JSON.stringify(name)}: ${error.publicDetail}`,
        });
      }
    });
  }
}

function operator({ name, mask }: PlannedColumn, derive: DeriveSecret): MaskOfUnit {
  switch (mask.operator) {
    case 'shift_date': {
      const shift = new DateShift(derive('date shift', 32), mask.mostDays);
      return (value, unit) => shift.mask(unit, value);
    }
    case 'encrypt': {
      const cipher = cipherOf(name, mask.alphabet, derive);
      return (value) => (value === '' ? '' : cipher.mask(value));
    }
    default:
      return plainOperator(mask, derive);
  }
}

/** Of one column: its name is the tweak. */
export function cipherOf(
  column: string,
  alphabet: keyof typeof alphabets,
  derive: DeriveSecret,
): FormatPreserving {
  return new FormatPreserving(alphabets[alphabet], {
    key: derive('format-preserving', 32),
    tweak: Buffer.from(column, 'utf8'),
  });
}

/** One domain for all columns: the same number in two columns, or two tables, is the same token. */
export function tokensOf(derive: DeriveSecret): Mask {
  return token(derive('token', 32), 'value');
}

function plainOperator(mask: ColumnMask, derive: DeriveSecret): MaskOfUnit {
  switch (mask.operator) {
    case 'redact':
      return redact();
    case 'replace':
      return () => mask.value;
    case 'mask':
      return maskMiddle(mask);
    case 'generalise_number':
      return generaliseNumber(mask.width);
    case 'generalise_date':
      return generaliseDate(mask.to);
    case 'generalise_category':
      return generaliseCategory(new Map(Object.entries(mask.wider)));
    case 'token':
      return tokensOf(derive);
    default:
      return (value) => value;
  }
}
