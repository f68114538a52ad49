import { PrivacyError } from '../privacy-error.js';

/** Names a place in the table, never what stands there. */
export function tableMalformed(publicDetail: string, cause?: unknown): PrivacyError {
  return new PrivacyError('table_malformed', { kind: 'invalid', publicDetail, cause });
}

/** Every declared column, and nothing else. `place` is where the names stand: "The header line". */
export function requireColumns(place: string, found: readonly string[], declared: readonly string[]): void {
  const [there, wanted] = [new Set(found), new Set(declared)];
  const missing = declared.filter((name) => !there.has(name));
  if (missing.length > 0) throw tableMalformed(`${place} lacks ${quoted(missing)}.`);
  const undeclared = found.filter((name) => !wanted.has(name));
  if (undeclared.length > 0)
    throw tableMalformed(`${place} has ${quoted(undeclared)}, which the declaration lacks.`);
  if (found.length !== declared.length) throw tableMalformed(`${place} names a column twice.`);
}

const NAMED = 5;
const LONGEST_NAME = 60;

/** A file can have any number of columns with names of any length. */
function quoted(names: readonly string[]): string {
  const some = names.slice(0, NAMED).map((name) => JSON.stringify(name.slice(0, LONGEST_NAME)));
  return some.join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');
}
