import { PrivacyError } from '../privacy-error.js';

/** Names a place in the table, never what stands there. */
export function tableMalformed(publicDetail: string, cause?: unknown): PrivacyError {
  return new PrivacyError('table_malformed', { kind: 'invalid', publicDetail, cause });
}

/** Every declared column, and nothing else. `place` is where the names stand: "The header line". */
export function requireColumns(place: string, found: readonly string[], declared: readonly string[]): void {
  const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
  const missing = declared.filter((name) => !found.includes(name));
  if (missing.length > 0) throw tableMalformed(`${place} lacks ${quoted(missing)}.`);
  const undeclared = found.filter((name) => !declared.includes(name));
  if (undeclared.length > 0)
    throw tableMalformed(`${place} has ${quoted(undeclared)}, which the declaration lacks.`);
  if (found.length !== declared.length) throw tableMalformed(`${place} names a column twice.`);
}
