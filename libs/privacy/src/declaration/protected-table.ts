import type { DatasetColumn, DatasetDeclaration, PostgresSource, TableSource } from '@castellan/contracts';
import { USUAL_TICK_MS } from '../ledger/answer-tick.js';
import { PrivacyError } from '../privacy-error.js';
import { fixedPoint } from './fixed-point.js';
import { parsePublicTables, type KnownPublicTable } from './public-table.js';

/** A column whose values are only ever counted per unit. */
export interface IdentifierColumn {
  readonly kind: 'identifier';
  readonly name: string;
}

/** A column with a public list of values. What is outside the list is in no answer. */
export interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  readonly values: readonly string[];
}

/** A column of numbers, read as integers of 10^−decimals and clamped to [lower, upper]. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly decimals: number;
  /** In units of 10^−decimals, like every integer made from this column. */
  readonly lower: bigint;
  readonly upper: bigint;
}

/** A category without a public list: which values there are is itself protected. */
export interface TextColumn {
  readonly kind: 'text';
  readonly name: string;
}

export type ProtectedColumn = IdentifierColumn | CategoryColumn | TextColumn | NumberColumn;

/** What a GROUP BY can name. */
export type KeyColumn = CategoryColumn | TextColumn;

export type TableFormat = NonNullable<DatasetDeclaration['format']>;

/**
 * What is publicly known of a protected table: nothing here was taken from its rows, so everything here may be shown and
 * may decide how a question is bounded.
 */
export interface ProtectedTable {
  readonly name: string;
  /** `postgresql`: what is sealed is a login, and the table stays where it is. */
  readonly format: TableFormat | PostgresSource['kind'];
  /** Where the table is, when it is not sealed here. Of an object, `format` is what its bytes are. */
  readonly source: TableSource | undefined;
  readonly columns: readonly ProtectedColumn[];
  readonly publicTables: readonly KnownPublicTable[];
  readonly privacyUnit: IdentifierColumn;
  /** How losses are added up. */
  readonly accounting: NonNullable<DatasetDeclaration['accounting']>;
  /** The category in which no unit has two different values, if any; held to when the table is sealed. */
  readonly partedBy: CategoryColumn | undefined;
  /** Answers are shown at whole multiples of this after their questions. */
  readonly answerTickMs: number;
  /** L0: the most groups of one answer that one unit counts in. */
  readonly maxGroupsPerUnit: bigint;
  /** The most rows that one unit counts with in one group. */
  readonly maxRowsPerGroup: bigint;
}

export type ReferencedTable = ProtectedTable & { readonly source: PostgresSource };

export function requireReferenced(table: ProtectedTable): ReferencedTable {
  const { source } = table;
  if (source?.kind !== 'postgresql') throw new Error(`"${table.name}" is not in a database`);
  return { ...table, source };
}

/** One clamped value must be an exact double times 10^decimals; a unit's clamped total must fit a signed 64-bit integer. */
const LARGEST_VALUE = 2n ** 50n;
const LARGEST_TOTAL = 2n ** 62n;

function invalid(publicDetail: string): PrivacyError {
  return new PrivacyError('declaration_invalid', { kind: 'invalid', publicDetail });
}

function magnitude(column: NumberColumn): bigint {
  const [low, high] = [-column.lower, column.upper];
  return low > high ? low : high;
}

function parseColumn(column: DatasetColumn, maxRows: bigint): ProtectedColumn {
  const { name } = column;
  if (column.type === 'id') return { kind: 'identifier', name };
  if (column.type === 'text') return { kind: 'text', name };
  if (column.type === 'category') {
    if (new Set(column.values).size !== column.values.length)
      throw invalid(`Column ${JSON.stringify(name)} lists a value twice.`);
    if (column.values.includes(''))
      throw invalid(`Column ${JSON.stringify(name)} lists the empty text, which stands for a missing value.`);
    return { kind: 'category', name, values: column.values };
  }
  const lower = fixedPoint(column.lower, column.decimals);
  const upper = fixedPoint(column.upper, column.decimals);
  if (lower === undefined || upper === undefined)
    throw invalid(
      `The bounds of ${JSON.stringify(name)} have more than its ${column.decimals} decimal places.`,
    );
  if (lower >= upper)
    throw invalid(`The lower bound of ${JSON.stringify(name)} must be below its upper bound.`);
  const parsed: NumberColumn = { kind: 'number', name, decimals: column.decimals, lower, upper };
  if (magnitude(parsed) > LARGEST_VALUE || magnitude(parsed) * maxRows > LARGEST_TOTAL)
    throw invalid(`The bounds of ${JSON.stringify(name)} are too wide to add up exactly.`);
  return parsed;
}

function answerTickMs({ answerEverySeconds }: DatasetDeclaration): number {
  return answerEverySeconds === undefined ? USUAL_TICK_MS : answerEverySeconds * 1_000;
}

/** Two values that are one to the engine would be one part under two names. */
function partColumn(
  name: string | undefined,
  columns: readonly ProtectedColumn[],
): CategoryColumn | undefined {
  if (name === undefined) return undefined;
  const column = columns.find((candidate) => candidate.name === name);
  if (column?.kind !== 'category')
    throw invalid(
      'The column that divides units into parts must be one of the columns, and of type category.',
    );
  if (column.values.some((value) => !value.isWellFormed() || value.includes('\0')))
    throw invalid(`Column ${JSON.stringify(name)} lists a value that is not a text of Unicode characters.`);
  return column;
}

/** Two parts that a unit is in one after the other are two parts, and nobody here sees it move. */
function checkReferenced(declaration: DatasetDeclaration): void {
  const { source, onePartPerUnit } = declaration;
  if (source === undefined) return;
  if (source.kind === 'postgresql') checkPostgres(declaration);
  if (onePartPerUnit !== undefined)
    throw invalid('Of a table that changes nobody can say that no unit is ever in two parts.');
}

/** A server's texts hold neither NUL nor halves of characters, nor longer names than 63 bytes. */
function checkPostgres({ format, columns, publicTables = [] }: DatasetDeclaration): void {
  if (format !== undefined) throw invalid('A table that stays in a database has no format.');
  for (const column of columns) {
    if (Buffer.byteLength(column.name) > 63 || !isServerText(column.name))
      throw invalid(`PostgreSQL has no column called ${JSON.stringify(column.name)}.`);
    if (column.type === 'category' && !column.values.every(isServerText))
      throw invalid(`Column ${JSON.stringify(column.name)} lists a value that PostgreSQL can't hold.`);
  }
  for (const { name, rows } of publicTables)
    if (!rows.flat().every((cell) => isServerText(String(cell))))
      throw invalid(`The public table "${name}" has a value that PostgreSQL can't hold.`);
}

function isServerText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Checks what the schema can't and turns bounds into integers. Fails with `declaration_invalid`, naming the column. */
export function parseDeclaration(name: string, declaration: DatasetDeclaration): ProtectedTable {
  const { source } = declaration;
  checkReferenced(declaration);
  const maxRowsPerGroup = BigInt(declaration.maxRowsPerGroup);
  const columns = declaration.columns.map((column) => parseColumn(column, maxRowsPerGroup));
  const names = columns.map((column) => column.name);
  if (new Set(names).size !== names.length) throw invalid('Two columns have the same name.');
  const privacyUnit = columns.find((column) => column.name === declaration.privacyUnit);
  if (privacyUnit?.kind !== 'identifier')
    throw invalid('The privacy unit must be one of the columns, and of type id.');
  return {
    name,
    format: source?.kind === 'postgresql' ? source.kind : (declaration.format ?? 'csv'),
    source,
    columns,
    publicTables: parsePublicTables(declaration.publicTables ?? [], columns, (column) =>
      parseColumn(column, maxRowsPerGroup),
    ),
    privacyUnit,
    accounting: declaration.accounting ?? 'pure',
    partedBy: partColumn(declaration.onePartPerUnit, columns),
    answerTickMs: answerTickMs(declaration),
    maxGroupsPerUnit: BigInt(declaration.maxGroupsPerUnit),
    maxRowsPerGroup,
  };
}
