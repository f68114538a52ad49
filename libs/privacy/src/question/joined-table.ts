import type { KnownPublicTable } from '../declaration/public-table.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { Join } from './question.js';

export function publicTable(table: ProtectedTable, name: string): KnownPublicTable {
  const found = table.publicTables.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no such public table: ${name}`);
  return found;
}

/** What a question with these joins sees: the protected columns and those of the tables joined. */
export function joinedTable(table: ProtectedTable, joins: readonly Join[]): ProtectedTable {
  const joined = joins.flatMap((join) => publicTable(table, join.table).columns);
  return { ...table, columns: [...table.columns, ...joined] };
}
