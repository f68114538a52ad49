import { checkedTable, readCsv } from './csv-table.js';
import { checkedJsonLines, readJsonLines } from './jsonl-table.js';
import type { ProtectedTable, TableFormat } from './protected-table.js';

interface Reading {
  /** Passes a table through unchanged; fails with `table_malformed`, naming a place and never what stands there. */
  readonly checked: (source: AsyncIterable<Uint8Array>, table: ProtectedTable) => AsyncGenerator<Uint8Array>;
  /** Cells as texts, in the order of the declared columns; '' for what is missing. */
  readonly records: (bytes: Uint8Array, table: ProtectedTable) => AsyncGenerator<readonly string[]>;
}

const readings: Readonly<Record<TableFormat, Reading>> = {
  csv: { checked: checkedTable, records: readCsv },
  jsonl: { checked: checkedJsonLines, records: readJsonLines },
  // The reader is loaded with the first such table.
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
};

export const checkedSource: Reading['checked'] = (source, table) =>
  readings[table.format].checked(source, table);

/** The records of a table that was checked when it was sealed, whatever its format. */
export const readRecords: Reading['records'] = (bytes, table) => readings[table.format].records(bytes, table);
