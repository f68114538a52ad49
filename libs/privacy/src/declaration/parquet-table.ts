import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { LookAtRecord } from './look-at-record.js';
import type { ProtectedTable } from './protected-table.js';
import { requireColumns, tableMalformed } from './table-malformed.js';

/** What a file may unpack to: small files can be made to claim any size. */
const LARGEST_UNPACKED_BYTES = 2 ** 31;
const BATCH_ROWS = 16_384;

/** Ranges of the table in memory: nothing is written, and only the columns and row groups asked for are unpacked. */
function asyncBuffer(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.length,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}

async function readMetadata(file: AsyncBuffer, table: ProtectedTable): Promise<FileMetaData> {
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw tableMalformed('The table is not a Parquet file.', cause);
  });
  const [, ...columns] = metadata.schema;
  const nested = columns.find(
    ({ num_children: children, repetition_type: repetition }) =>
      children !== undefined || repetition === 'REPEATED',
  );
  if (nested) throw tableMalformed(`The column ${JSON.stringify(nested.name)} is nested.`);
  requireColumns(
    'The schema',
    columns.map(({ name }) => name),
    table.columns.map(({ name }) => name),
  );
  const unpacked = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0);
  if (unpacked > LARGEST_UNPACKED_BYTES) throw tableMalformed('The table unpacks to more than 2 GiB.');
  return metadata;
}

function readCell(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Date) return value.toISOString();
  throw tableMalformed(`The column ${JSON.stringify(name)} holds neither texts nor numbers.`);
}

/** The records of a Parquet file in memory, in the order of the declared columns; '' for NULL. */
export async function* readParquet(
  bytes: Uint8Array,
  table: ProtectedTable,
): AsyncGenerator<readonly string[]> {
  const file = asyncBuffer(bytes);
  const metadata = await readMetadata(file, table);
  const rows = Number(metadata.num_rows);
  const columns = table.columns.map(({ name }) => name);
  for (let rowStart = 0; rowStart < rows; rowStart += BATCH_ROWS) {
    const rowEnd = Math.min(rows, rowStart + BATCH_ROWS);
    const range = { file, metadata, compressors, columns, rowStart, rowEnd };
    const batch = await parquetReadObjects(range).catch((cause: unknown) => {
      throw tableMalformed(`Rows from ${rowStart + 1} on can’t be read.`, cause);
    });
    for (const row of batch) yield columns.map((name) => readCell(row[name], name));
  }
}

/**
 * Passes a Parquet file through unchanged and reads all of it once it is complete (its index stands at its end), in memory.
 * Fails with `table_malformed` unless it has the declared columns, flat, and every row can be read.
 */
export async function* checkedParquet(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
  look: LookAtRecord,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    chunks.push(chunk);
    yield chunk;
  }
  const bytes = Buffer.concat(chunks);
  try {
    for await (const record of readParquet(bytes, table)) look(record);
  } finally {
    bytes.fill(0);
  }
}
