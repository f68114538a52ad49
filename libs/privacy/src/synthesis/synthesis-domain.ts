import type { PublicDraws } from '@castellan/differential-privacy';
import { decimalText } from '../declaration/fixed-point.js';
import type { CategoryColumn, NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { refused } from '../question/syntax.js';

/** A column as a synthetic table has it: so many values, and one more for what is missing or outside the public list. */
export interface SyntheticDomain {
  readonly column: CategoryColumn | NumberColumn;
  readonly values: number;
}

/**
 * The columns that a synthetic table can have, in the order of the declaration; the privacy unit and other identifiers have
 * no place in one. Fails with `question_refused`, naming the column.
 */
export function domainOf(
  table: ProtectedTable,
  names: readonly string[] | undefined,
  bins: number,
): readonly SyntheticDomain[] {
  for (const name of names ?? []) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw refused(name, 'the declaration has no such column.');
    if (column.kind === 'identifier')
      throw refused(name, 'identifiers say who somebody is; a synthetic table has nobody in it.');
    if (column.kind === 'text')
      throw refused(name, 'its values are not public; a synthetic table has only values that are.');
  }
  const domain = table.columns.flatMap((column): SyntheticDomain[] => {
    if (column.kind === 'identifier' || column.kind === 'text') return [];
    if (names !== undefined && !names.includes(column.name)) return [];
    return [{ column, values: column.kind === 'category' ? column.values.length : binsOf(column, bins) }];
  });
  if (domain.length === 0) throw refused('columns', 'there is no category and no number to imitate.');
  return domain;
}

/** How many integers a number column can hold. */
function pointsOf({ lower, upper }: NumberColumn): bigint {
  return upper - lower + 1n;
}

function binsOf(column: NumberColumn, bins: number): number {
  const points = pointsOf(column);
  return points < BigInt(bins) ? Number(points) : bins;
}

/** The position of a text's value; the last position is for what is missing, unreadable or in no public list. */
export function encoderOf({ column, values }: SyntheticDomain): (text: string) => number {
  if (column.kind === 'category') {
    const positions = new Map(column.values.map((value, position) => [value, position]));
    return (text) => positions.get(text) ?? values;
  }
  const integer = fixedPointReader(column);
  const points = pointsOf(column);
  return (text) => {
    const value = integer(text);
    return value === undefined ? values : Number(((value - column.lower) * BigInt(values)) / points);
  };
}

/** A number's clamped integer of 10^−decimals; undefined for what is not a finite number. */
export function fixedPointReader({
  lower,
  upper,
  decimals,
}: NumberColumn): (text: string) => bigint | undefined {
  const [low, high] = [Number(`${lower}e-${decimals}`), Number(`${upper}e-${decimals}`)];
  const scale = 10 ** decimals;
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value)) return undefined;
    const integer = BigInt(Math.round(Math.min(high, Math.max(low, value)) * scale));
    return integer < lower ? lower : integer > upper ? upper : integer;
  };
}

/** How a value is called in a chart: a category's own name, a number's interval; empty for what is missing. */
export function labelOf(domain: SyntheticDomain, position: number): string {
  const { column, values } = domain;
  if (position >= values) return '';
  if (column.kind === 'category') return column.values[position] ?? '';
  const [first, last] = binEnds(column, values, position);
  const [from, to] = [decimalText(first, column.decimals), decimalText(last, column.decimals)];
  return from === to ? from : `${from} … ${to}`;
}

/** A text for a cell of a synthetic table: a number lies anywhere in its bin. */
export function decode({ column, values }: SyntheticDomain, position: number, draw: PublicDraws): string {
  if (position >= values) return '';
  if (column.kind === 'category') return column.values[position] ?? '';
  const [first, last] = binEnds(column, values, position);
  const width = Number(last - first + 1n);
  return decimalText(first + BigInt(Math.floor(draw() * width)), column.decimals);
}

/** The first and the last integer whose position is `bin`. */
function binEnds(column: NumberColumn, bins: number, bin: number): readonly [bigint, bigint] {
  const [points, count] = [pointsOf(column), BigInt(bins)];
  const startOf = (position: bigint) => (position * points + count - 1n) / count;
  return [column.lower + startOf(BigInt(bin)), column.lower + startOf(BigInt(bin) + 1n) - 1n];
}
