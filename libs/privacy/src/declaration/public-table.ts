import type { DatasetColumn, PublicTable } from '@castellan/contracts';
import { PrivacyError } from '../privacy-error.js';
import { fixedPoint } from './fixed-point.js';
import type { ProtectedColumn } from './protected-table.js';

/** A public table as the engine joins it: a map from a key to values, so that a join changes no number of rows but to 0. */
export interface KnownPublicTable {
  readonly name: string;
  readonly key: string;
  readonly columns: readonly ProtectedColumn[];
  /** Texts: the key, then one value a column. */
  readonly rows: readonly (readonly string[])[];
}

function invalid({ name }: PublicTable, publicDetail: string): PrivacyError {
  return new PrivacyError('declaration_invalid', {
    kind: 'invalid',
    publicDetail: `The public table "${name}" ${publicDetail}`,
  });
}

/**
 * Checks what the schema can't. Column names are unique over all tables, so that a name means one column in every question.
 * Fails with `declaration_invalid`, naming the table.
 */
export function parsePublicTables(
  tables: readonly PublicTable[],
  protectedColumns: readonly ProtectedColumn[],
  parseColumn: (column: DatasetColumn) => ProtectedColumn,
): readonly KnownPublicTable[] {
  const taken = new Set(protectedColumns.map(({ name }) => name));
  const names = new Set<string>();
  return tables.map((table) => {
    if (names.has(table.name)) throw invalid(table, 'is declared twice.');
    names.add(table.name);
    const columns = table.columns.map((column) => {
      if (column.type !== 'category' && column.type !== 'number')
        throw invalid(table, `has ${JSON.stringify(column.name)}, which is neither a category nor a number.`);
      if (taken.has(column.name) || column.name === table.key)
        throw invalid(table, `has ${JSON.stringify(column.name)}, a name that is taken.`);
      taken.add(column.name);
      return parseColumn(column);
    });
    return { name: table.name, key: table.key, columns, rows: readRows(table, columns) };
  });
}

function readRows(table: PublicTable, columns: readonly ProtectedColumn[]): string[][] {
  const keys = new Set<string>();
  return table.rows.map(([key = '', ...values]) => {
    if (String(key) === '' || keys.has(String(key)))
      throw invalid(table, `has a key twice, or an empty one: ${JSON.stringify(key)}.`);
    keys.add(String(key));
    if (values.length !== columns.length)
      throw invalid(table, `has a row of another length than its columns.`);
    return [String(key), ...values.map((value, i) => readValue(table, columns[i], value))];
  });
}

function readValue(table: PublicTable, column: ProtectedColumn | undefined, value: string | number): string {
  const fits =
    column?.kind === 'category'
      ? column.values.includes(String(value))
      : column?.kind === 'number' &&
        typeof value === 'number' &&
        within(fixedPoint(value, column.decimals), column.lower, column.upper);
  if (fits) return String(value);
  throw invalid(
    table,
    `has ${JSON.stringify(value)} in ${JSON.stringify(column?.name)}, outside what the column declares.`,
  );
}

function within(value: bigint | undefined, lower: bigint, upper: bigint): boolean {
  return value !== undefined && value >= lower && value <= upper;
}
