import { checkedTable, readCsv } from './csv-table.js';
import { checkedJsonLines, readJsonLines } from './jsonl-table.js';
import type { LookAtRecord } from './look-at-record.js';
import { OnePartPerUnit } from './one-part-per-unit.js';
import type { ProtectedTable } from './protected-table.js';

interface Reading {
  /**
   * Passes a table through unchanged; fails with `table_malformed`, naming a place and never what stands there. `look` sees
   * every record as it will be read, and may throw as well.
   */
  readonly checked: (
    source: AsyncIterable<Uint8Array>,
    table: ProtectedTable,
    look: LookAtRecord,
  ) => AsyncGenerator<Uint8Array>;
  /** Cells as texts, in the order of the declared columns; '' for what is missing. */
  readonly records: (bytes: Uint8Array, table: ProtectedTable) => AsyncGenerator<readonly string[]>;
}

const readings: Readonly<Record<ProtectedTable['format'], Reading>> = {
  csv: { checked: checkedTable, records: readCsv },
  jsonl: { checked: checkedJsonLines, records: readJsonLines },
  // The readers below are loaded with the first such table.
  parquet: {
    checked: async function* (source, table, look) {
      const { checkedParquet } = await import('./parquet-table.js');
      yield* checkedParquet(source, table, look);
    },
    records: async function* (bytes, table) {
      const { readParquet } = await import('./parquet-table.js');
      yield* readParquet(bytes, table);
    },
  },
  postgresql: {
    checked: async function* (login, table) {
      const { checkedLogin } = await import('../reference/postgres-table.js');
      yield* checkedLogin(login, table);
    },
    records: async function* (login, table) {
      const { readReferenced } = await import('../reference/postgres-table.js');
      yield* readReferenced(login, table);
    },
  },
};

/** Passes through what may be sealed as this table: its columns, its format, and one part for each unit if it says so. */
export function checkedSource(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
): AsyncGenerator<Uint8Array> {
  const parts = new OnePartPerUnit(table);
  return readings[table.format].checked(source, table, (record) => parts.look(record));
}

/** The records of a table that was checked when it was sealed, whatever its format. */
export const readRecords: Reading['records'] = (bytes, table) => readings[table.format].records(bytes, table);

/** Whether the table can be read now. Nothing happens to one that is sealed here. @throws source_unavailable, source_refused */
export async function requireReadable(bytes: Uint8Array, table: ProtectedTable): Promise<void> {
  if (table.source === undefined) return;
  const { checkReferenced } = await import('../reference/postgres-table.js');
  await checkReferenced(bytes, table);
}
