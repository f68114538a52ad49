import { createHmac } from 'node:crypto';
import { readRecords } from '../declaration/table-format.js';
import type { ProtectedTable } from '../declaration/protected-table.js';

interface Kept<Row> {
  readonly rows: Row[];
  /** The order in which rows are kept: the smallest ones stay. */
  readonly ranks: string[];
  seen: number;
}

/**
 * The rows of every unit, `most` at most. Which ones: those whose keyed hash of (unit, place among the unit's own rows) is
 * least, a choice that depends on that unit's rows alone, so that a unit that comes or goes changes nobody else's rows.
 * Rows without a unit are nobody's and are left out.
 *
 * `key`: secret random text, fresh for every measurement. It decides about bias, not about the bound.
 */
export async function boundedRows<Row>(
  bytes: Uint8Array,
  table: ProtectedTable,
  { most, key, read }: { most: number; key: string; read: (record: readonly string[]) => Row },
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const at = table.columns.findIndex(({ name }) => name === table.privacyUnit.name);
  const units = new Map<string, Kept<Row>>();
  for await (const record of readRecords(bytes, table)) {
    const unit = record[at] ?? '';
    if (unit === '') continue;
    const kept: Kept<Row> = units.get(unit) ?? { rows: [], ranks: [], seen: 0 };
    units.set(unit, kept);
    const rank = createHmac('sha256', key).update(`${kept.seen}:${unit}`).digest('base64');
    kept.seen += 1;
    keep(kept, most, rank, () => read(record));
  }
  return new Map(Array.from(units, ([unit, { rows }]) => [unit, rows]));
}

function keep<Row>({ rows, ranks }: Kept<Row>, most: number, rank: string, read: () => Row): void {
  if (rows.length < most) {
    rows.push(read());
    ranks.push(rank);
    return;
  }
  const last = ranks.reduce((worst, other, i) => (other > (ranks[worst] ?? '') ? i : worst), 0);
  if (rank >= (ranks[last] ?? '')) return;
  rows[last] = read();
  ranks[last] = rank;
}
