import type { ColumnMask, ColumnRole, DatasetClassification, MaskingRequest } from '@castellan/contracts';
import type { ProtectedColumn, ProtectedTable } from '../declaration/protected-table.js';
import { PrivacyError } from '../privacy-error.js';

/** One column of a masked release. */
export interface PlannedColumn {
  readonly name: string;
  /** Where it stands among the declared columns. */
  readonly at: number;
  readonly mask: ColumnMask;
  readonly role: ColumnRole;
  /** Whether what comes out is a number that may be put in order. */
  readonly ordered: boolean;
}

/** Columns as they come out, those that are dropped left out. */
export interface MaskingPlan {
  readonly columns: readonly PlannedColumn[];
  /** Where the privacy unit stands among the declared columns. */
  readonly unitAt: number;
  readonly gates: MaskingRequest['gates'];
}

/** What hides who a value belongs to, whatever else it shows. */
const hidesPersons: ReadonlySet<ColumnMask['operator']> = new Set([
  'drop',
  'redact',
  'replace',
  'token',
  'encrypt',
]);

/**
 * What a masking request comes to. Fails with `masking_refused`, naming the column, for a request that leaves out a column,
 * shows the privacy unit or confirmed personal data as they are, or calls values in clear neither quasi-identifying nor
 * sensitive; with `classification_missing` before a steward has said what the columns hold.
 */
export function planMasking(
  table: ProtectedTable,
  classification: Pick<DatasetClassification, 'columns'> | undefined,
  { columns, gates }: MaskingRequest,
): MaskingPlan {
  if (classification === undefined)
    throw new PrivacyError('classification_missing', {
      kind: 'conflict',
      publicDetail: 'A steward has to confirm first which personal data the columns hold.',
    });
  requireEveryColumn(table, columns);
  const planned = columns.map(({ name, mask, role }) => {
    const at = table.columns.findIndex((column) => column.name === name);
    const column = table.columns[at];
    if (column === undefined) throw refused(name, 'is not a column of the table');
    const personal = classification.columns.find((each) => each.name === name)?.kinds.length !== 0;
    requireHidden(column, mask, { unit: name === table.privacyUnit.name, personal });
    const ordered = column.kind === 'number' && mask.operator === 'keep';
    return { name, at, mask, role: roleOf(column, mask, role), ordered };
  });
  const shown = planned.filter(({ mask }) => mask.operator !== 'drop');
  if (shown.length === 0) throw refusedAltogether('Every column is dropped.');
  if ((gates.l !== undefined || gates.t !== undefined) && shown.every(({ role }) => role !== 'sensitive'))
    throw refusedAltogether('l-diversity and t-closeness are about sensitive columns; none is named.');
  const unitAt = table.columns.findIndex(({ name }) => name === table.privacyUnit.name);
  return { columns: shown, unitAt, gates };
}

function requireEveryColumn(table: ProtectedTable, columns: MaskingRequest['columns']): void {
  const named = columns.map(({ name }) => name);
  const missing = table.columns.find(({ name }) => !named.includes(name));
  if (missing !== undefined) throw refused(missing.name, 'is left out: say "drop" where that is meant');
  const twice = named.find((name, at) => named.indexOf(name) !== at);
  if (twice !== undefined) throw refused(twice, 'is named twice');
}

function requireHidden(
  { name }: ProtectedColumn,
  { operator }: ColumnMask,
  { unit, personal }: { readonly unit: boolean; readonly personal: boolean },
): void {
  if (unit && !hidesPersons.has(operator))
    throw refused(name, 'says whose row it is: drop, redact, replace, token or encrypt');
  if (personal && operator === 'keep')
    throw refused(name, 'holds personal data by the steward’s word and can’t be kept as it is');
}

/** Pseudonyms of identifiers say nothing without the key; values in clear may be known from elsewhere. */
function roleOf(column: ProtectedColumn, { operator }: ColumnMask, said: ColumnRole | undefined): ColumnRole {
  const constant = operator === 'redact' || operator === 'replace' || operator === 'drop';
  const pseudonym = (operator === 'token' || operator === 'encrypt') && column.kind === 'identifier';
  if (constant || pseudonym) return 'other';
  if (said === 'other') throw refused(column.name, 'is in clear, so it is a quasi-identifier or sensitive');
  return said ?? 'quasi_identifier';
}

function refused(name: string, why: string): PrivacyError {
  return refusedAltogether(`Column ${JSON.stringify(name)} ${why}.`);
}

function refusedAltogether(publicDetail: string): PrivacyError {
  return new PrivacyError('masking_refused', { kind: 'invalid', publicDetail });
}
