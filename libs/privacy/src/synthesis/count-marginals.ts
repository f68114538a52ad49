import { ExactMarginals, type SynthesisPlan } from '@castellan/differential-privacy';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { boundedRows } from '../runs/bounded-rows.js';
import { encoderOf, type SyntheticDomain } from './synthesis-domain.js';

/**
 * Counts every column and every candidate pair over the bounded rows of a table. Integers throughout.
 *
 * Promise: between tables that differ by one unit, each marginal changes by `plan.rowsPerUnit` at most, for any `key`.
 */
export async function countMarginals(
  bytes: Uint8Array,
  table: ProtectedTable,
  { domain, plan }: { readonly domain: readonly SyntheticDomain[]; readonly plan: SynthesisPlan },
  key: string,
): Promise<ExactMarginals> {
  const columns = domain.map((part) => ({
    at: table.columns.findIndex(({ name }) => name === part.column.name),
    encode: encoderOf(part),
  }));
  const read = (record: readonly string[]) =>
    Uint16Array.from(columns, ({ at, encode }) => encode(record[at] ?? ''));
  const units = await boundedRows(bytes, table, { most: Number(plan.rowsPerUnit), key, read });
  const singles = plan.cells.map((cells) => new Float64Array(cells));
  const pairs = plan.candidates.map(({ left, right }) => ({
    left,
    right,
    width: plan.cells[right] ?? 0,
    counts: new Float64Array((plan.cells[left] ?? 0) * (plan.cells[right] ?? 0)),
  }));
  for (const rows of units.values())
    for (const row of rows) {
      singles.forEach((counts, column) => addOne(counts, row[column] ?? 0));
      for (const { left, right, width, counts } of pairs)
        addOne(counts, (row[left] ?? 0) * width + (row[right] ?? 0));
    }
  return new ExactMarginals(
    singles.map(asIntegers),
    pairs.map(({ counts }) => asIntegers(counts)),
  );
}

/** Doubles count exactly up to 2⁵³, more rows than fit in memory. */
function addOne(counts: Float64Array, cell: number): void {
  counts[cell] = (counts[cell] ?? 0) + 1;
}

const asIntegers = (counts: Float64Array): bigint[] => Array.from(counts, BigInt);
