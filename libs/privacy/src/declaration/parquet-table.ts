import {
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { compressors as usual, decompressZstd } from 'hyparquet-compressors';
import { checkApart } from './check-apart.js';
import { decimalText } from './fixed-point.js';
import type { ProtectedTable } from './protected-table.js';
import { requirePages } from './require-pages.js';
import { requireColumns, tableMalformed } from './table-malformed.js';

/** What a file may unpack to: small files can be made to claim any size. */
const LARGEST_UNPACKED_BYTES = 2 ** 31;
const BATCH_ROWS = 16_384;
const MOST_ROWS = 1_000_000_000;
/** More than any writer uses; a file can claim any number. */
const MOST_PLACES = 100;

/** Into the room that the page's header asked for, which was looked at, and not what a frame inside claims. */
const compressors: typeof usual = {
  ...usual,
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};

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
  requireRows(metadata);
  const unpacked = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0);
  if (unpacked > LARGEST_UNPACKED_BYTES) throw tableMalformed('The table unpacks to more than 2 GiB.');
  return metadata;
}

/** The index says three times how many rows there are: a reader that goes by one of them may go on for ever. */
function requireRows({ num_rows: rows, row_groups: groups }: FileMetaData): void {
  const inGroups = groups.reduce((sum, group) => sum + group.num_rows, 0n);
  const agree = groups.every(({ num_rows: own, columns }) =>
    columns.every(({ meta_data: column }) => own >= 0n && column?.num_values === own),
  );
  if (rows !== inGroups || !agree)
    throw tableMalformed('The index disagrees with itself about the number of rows.');
  if (rows > MOST_ROWS) throw tableMalformed(`The table claims more than ${MOST_ROWS} rows.`);
}

function readerOf({ schema }: FileMetaData, column: string): readonly [string, ReadCell] {
  const element = schema.find(({ name }, at) => at > 0 && name === column);
  if (element === undefined) throw tableMalformed(`The schema lacks ${JSON.stringify(column)}.`);
  return [column, cellReader(element)];
}

type ReadCell = (value: unknown) => string;

/** Decimals are integers with a scale: they never pass through a double. */
function cellReader(element: SchemaElement): ReadCell {
  const { name, type } = element;
  if (isDecimal(element)) {
    const scale = scaleOf(element);
    return (value) => (isMissing(value) ? '' : decimalText(unscaled(value), scale));
  }
  const text = new TextDecoder();
  return (value) => {
    if (isMissing(value)) return '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
      return String(value);
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array && type === 'BYTE_ARRAY') return text.decode(value);
    throw tableMalformed(`The column ${JSON.stringify(name)} holds neither texts nor numbers.`);
  };
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isDecimal({
  converted_type: converted,
  logical_type: logical,
}: Pick<SchemaElement, 'converted_type' | 'logical_type'>): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

function scaleOf({ name, scale, logical_type: logical }: SchemaElement): number {
  const places = (logical?.type === 'DECIMAL' ? logical.scale : scale) ?? 0;
  if (places >= 0 && places <= MOST_PLACES) return places;
  throw tableMalformed(`The column ${JSON.stringify(name)} has ${places} decimal places.`);
}

/** Two's complement, the most significant byte first, where it comes as bytes. */
function unscaled(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  if (!(value instanceof Uint8Array) || value.length === 0) throw tableMalformed('A decimal can’t be read.');
  return BigInt.asIntN(8 * value.length, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

/** The same without the word that makes the reader take decimals for doubles. */
function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (!isDecimal(element)) return element;
    const { converted_type: _, logical_type: __, ...integers } = element;
    return integers;
  });
  return { ...metadata, schema };
}

/** The records of a Parquet file in memory, in the order of the declared columns; '' for NULL. */
export async function* readParquet(
  bytes: Uint8Array,
  table: ProtectedTable,
): AsyncGenerator<readonly string[]> {
  const file = asyncBuffer(bytes);
  const declared = await readMetadata(file, table);
  requirePages(bytes, declared);
  const metadata = withoutDecimals(declared);
  const rows = Number(metadata.num_rows);
  const columns = table.columns.map(({ name }) => name);
  const readers = columns.map((column) => readerOf(declared, column));
  for (let rowStart = 0; rowStart < rows; rowStart += BATCH_ROWS) {
    const rowEnd = Math.min(rows, rowStart + BATCH_ROWS);
    const range = { file, metadata, compressors, columns, rowStart, rowEnd, utf8: false };
    const batch = await parquetReadObjects(range).catch((cause: unknown) => {
      throw tableMalformed(`Rows from ${rowStart + 1} on can’t be read.`, cause);
    });
    for (const row of batch) yield readers.map(([name, read]) => read(row[name]));
  }
}

/**
 * Passes a Parquet file through unchanged and has all of it read once it is complete (its index stands at its end), in memory
 * and in a thread. Fails with `table_malformed` unless it has the declared columns, flat, and every row can be read.
 */
export async function* checkedParquet(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    chunks.push(chunk);
    yield chunk;
  }
  const bytes = Buffer.concat(chunks);
  chunks.length = 0;
  await checkApart(bytes, table);
}
