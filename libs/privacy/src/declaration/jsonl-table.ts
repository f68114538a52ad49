import type { LookAtRecord } from './look-at-record.js';
import type { ProtectedTable } from './protected-table.js';
import { tableMalformed } from './table-malformed.js';

const LONGEST_LINE = 1 << 20;

/** Complete lines of UTF-8 text, with their numbers. */
class Lines {
  private readonly text = new TextDecoder('utf-8', { fatal: true });
  private rest = '';
  private number = 0;

  *push(chunk?: Uint8Array): Generator<readonly [line: string, number: number]> {
    this.rest += this.decode(chunk);
    const lines = this.rest.split('\n');
    this.rest = chunk === undefined ? '' : (lines.pop() ?? '');
    if (this.rest.length > LONGEST_LINE) throw tooLong(this.number + lines.length + 1);
    for (const line of lines) {
      this.number += 1;
      if (line.length > LONGEST_LINE) throw tooLong(this.number);
      if (line.trim() !== '') yield [line, this.number];
    }
  }

  private decode(chunk: Uint8Array | undefined): string {
    try {
      return this.text.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw tableMalformed('The table is not UTF-8 text.', cause);
    }
  }
}

const tooLong = (line: number) => tableMalformed(`Line ${line} is longer than a mebibyte.`);

function readLine(line: string, number: number, table: ProtectedTable): string[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The parser's own words would quote the line.
    throw tableMalformed(`Line ${number} is not JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw tableMalformed(`Line ${number} is not an object.`);
  const members = new Map(Object.entries(value));
  for (const name of members.keys())
    if (!table.columns.some((column) => column.name === name))
      throw tableMalformed(`Line ${number} has ${JSON.stringify(name)}, which the declaration lacks.`);
  return table.columns.map(({ name }) => readCell(members.get(name), number, name));
}

function readCell(value: unknown, line: number, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw tableMalformed(`Line ${line} has something nested in ${JSON.stringify(name)}.`);
}

/** Passes JSON lines through unchanged; fails with `table_malformed` unless each is an object of declared members. */
export async function* checkedJsonLines(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
  look: LookAtRecord,
): AsyncGenerator<Uint8Array> {
  const lines = new Lines();
  for await (const chunk of source) {
    for (const [line, number] of lines.push(chunk)) look(readLine(line, number, table));
    yield chunk;
  }
  for (const [line, number] of lines.push()) look(readLine(line, number, table));
}

/** One record a line, in the order of the declared columns; '' for null and for members that are not there. */
export async function* readJsonLines(
  bytes: Uint8Array,
  table: ProtectedTable,
): AsyncGenerator<readonly string[]> {
  const lines = new Lines();
  for (let start = 0; start < bytes.length; start += LONGEST_LINE)
    for (const [line, number] of lines.push(bytes.subarray(start, start + LONGEST_LINE)))
      yield readLine(line, number, table);
  for (const [line, number] of lines.push()) yield readLine(line, number, table);
}
