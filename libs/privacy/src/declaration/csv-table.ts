import { CsvError, parse, type Options, type Parser } from 'csv-parse';
import type { LookAtRecord } from './look-at-record.js';
import type { ProtectedTable } from './protected-table.js';
import { requireColumns, tableMalformed } from './table-malformed.js';

const LARGEST_RECORD = 1 << 20;

const format: Options = { bom: true, skip_empty_lines: true, max_record_size: LARGEST_RECORD };

/** A table in another encoding would be read with other letters, and its categories would be found in no list. */
function notUtf8(cause: unknown): Error {
  return tableMalformed('The table is not UTF-8 text. Export it again as CSV in UTF-8.', cause);
}

/** Where each declared column stands in a record, from the header line. */
function readHeader(header: readonly string[], table: ProtectedTable): readonly number[] {
  const declared = table.columns.map((column) => column.name);
  const positions = declared.map((name) => header.indexOf(name));
  requireColumns('The header line', header, declared);
  return positions;
}

const faults: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'has another number of fields than the header line',
  CSV_QUOTE_NOT_CLOSED: 'opens a quote that is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote',
  INVALID_OPENING_QUOTE: 'has a quote inside an unquoted field',
  CSV_MAX_RECORD_SIZE: 'is longer than a mebibyte',
};

/** Names the line, never what stands on it. */
function translate(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  return tableMalformed(`Line ${line} ${faults[error.code] ?? 'is not CSV'}.`, error);
}

/**
 * Passes a table through unchanged and fails with `table_malformed` when it is not CSV of the declared columns, so that a
 * table that was sealed can be read without surprises: errors at question time would tell about rows.
 */
export async function* checkedTable(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
  look: LookAtRecord,
): AsyncGenerator<Uint8Array> {
  let positions: readonly number[] | undefined;
  let failure: unknown;
  const parser: Parser = parse({
    ...format,
    on_record: (record: string[]) => {
      if (positions === undefined) positions = readHeader(record, table);
      else look(positions.map((position) => record[position] ?? ''));
      return null;
    },
  });
  const settled = new Promise<void>((resolve) => {
    parser.on('error', (error) => {
      failure ??= translate(error, parser.info.lines);
      resolve();
    });
    parser.on('end', () => resolve());
  });
  parser.resume();
  const text = new TextDecoder('utf-8', { fatal: true });
  const readText = (chunk?: Uint8Array): void => {
    try {
      text.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw notUtf8(cause);
    }
  };
  for await (const chunk of source) {
    readText(chunk);
    parser.write(chunk);
    if (failure) throw failure;
    yield chunk;
  }
  readText();
  parser.end();
  await settled;
  if (failure) throw failure;
  if (positions === undefined) throw tableMalformed('The table is empty; the first line names the columns.');
}

/** The records of a table, their fields in the order of the declared columns. */
export async function* readCsv(bytes: Uint8Array, table: ProtectedTable): AsyncGenerator<readonly string[]> {
  const parser = parse(format);
  parser.end(bytes);
  let positions: readonly number[] | undefined;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (positions) yield positions.map((position) => record[position] ?? '');
      else positions = readHeader(record, table);
    }
  } catch (error) {
    throw translate(error, parser.info.lines);
  }
}
