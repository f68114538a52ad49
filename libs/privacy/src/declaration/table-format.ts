import { checkedTable, readCsv } from './csv-table.js';
import { checkedJsonLines, readJsonLines } from './jsonl-table.js';
import type { LookAtRecord } from './look-at-record.js';
import { OnePartPerUnit } from './one-part-per-unit.js';
import type { ProtectedTable } from './protected-table.js';

interface Reading {
  /**
   * Passes a table through unchanged; fails with `table_malformed`, naming a place and never what stands there, and where a
   * unit is in two parts of a table that says that none is.
   */
  readonly checked: (source: AsyncIterable<Uint8Array>, table: ProtectedTable) => AsyncGenerator<Uint8Array>;
  /** Cells as texts, in the order of the declared columns; '' for what is missing. */
  readonly records: (bytes: Uint8Array, table: ProtectedTable) => AsyncGenerator<readonly string[]>;
}

const readings: Readonly<Record<ProtectedTable['format'], Reading>> = {
  csv: { checked: (source, table) => checkedTable(source, table, partsOf(table)), records: readCsv },
  jsonl: {
    checked: (source, table) => checkedJsonLines(source, table, partsOf(table)),
    records: readJsonLines,
  },
  // The readers below are loaded with the first such table.
  parquet: {
    checked: async function* (source, table) {
      const { checkedParquet } = await import('./parquet-table.js');
      yield* checkedParquet(source, table);
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

/**
 * Passes through what may be sealed as this table: its columns, its format, and one part for each unit if it says so. Of a
 * table that stays elsewhere a login comes in, and the table is looked at where it is.
 */
export async function* checkedSource(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
): AsyncGenerator<Uint8Array> {
  const { checked } = readings[table.format];
  if (table.source?.kind === 's3') {
    const { pinnedObject } = await import('../reference/s3-table.js');
    yield* pinnedObject(source, table.source, (rows) => checked(rows, table));
  } else yield* checked(source, table);
}

/** Sees every record as it will be read. */
function partsOf(table: ProtectedTable): LookAtRecord {
  const parts = new OnePartPerUnit(table);
  return (record) => parts.look(record);
}

/** The records of a table that was checked when it was sealed, whatever its format. */
export const readRecords: Reading['records'] = (bytes, table) => readings[table.format].records(bytes, table);
