import { parse, type ParseResult } from 'libpg-query';
import { PrivacyError } from '../privacy-error.js';

/** A node of PostgreSQL's parse tree: one tag, one body. Nothing is assumed about the body. */
export interface Syntax {
  readonly tag: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Longer SQL could nest deeper than the parser's stack; no question needs it. */
const LONGEST_SQL = 4_000;

export function malformed(publicDetail: string, position?: number): PrivacyError {
  const meta = position === undefined ? {} : { meta: { position } };
  return new PrivacyError('question_malformed', { kind: 'invalid', publicDetail, ...meta });
}

/** `clause` is the SQL word for the part that can't be made private. */
export function refused(clause: string, publicDetail: string): PrivacyError {
  return new PrivacyError('question_refused', {
    kind: 'invalid',
    publicDetail: `${clause}: ${publicDetail}`,
    meta: { clause },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes `{"ColumnRef": {…}}` apart. */
export function syntax(node: unknown): Syntax {
  if (!isRecord(node)) throw malformed('The question has an empty part.');
  const [entry] = Object.entries(node);
  return { tag: entry?.[0] ?? '', body: isRecord(entry?.[1]) ? entry[1] : {} };
}

export function nodes(value: unknown): readonly Syntax[] {
  return Array.isArray(value) ? value.map(syntax) : [];
}

/** The text of a `String` node. */
export function text(node: Syntax | undefined): string {
  const value = node?.body['sval'];
  return typeof value === 'string' ? value : '';
}

/** Refuses every part that is not known to be harmless: a field that a later PostgreSQL adds is refused by default. */
export function allowOnly(
  body: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  clauseOf: (field: string) => string,
): void {
  for (const field of Object.keys(body))
    if (!allowed.includes(field))
      throw refused(clauseOf(field), 'this part of SQL can’t be made private here.');
}

async function parseText(sql: string): Promise<ParseResult> {
  try {
    return await parse(sql);
  } catch (error) {
    const position =
      error instanceof Error && 'sqlDetails' in error && isRecord(error.sqlDetails)
        ? error.sqlDetails['cursorPosition']
        : undefined;
    const at = typeof position === 'number' ? position + 1 : undefined;
    throw malformed(`This is not SQL: ${error instanceof Error ? error.message : 'unreadable'}.`, at);
  }
}

/** Parses one SELECT with PostgreSQL's own grammar. Comments are gone afterwards; a second statement is refused. */
export async function parseSelect(sql: string): Promise<Syntax> {
  if (sql.length > LONGEST_SQL) throw malformed(`A question may have at most ${LONGEST_SQL} characters.`);
  // The parser stops reading at NUL, so what follows it would be neither parsed nor refused.
  if (sql.includes('\0'))
    throw malformed('A question may not contain the character NUL.', sql.indexOf('\0') + 1);
  if (!sql.isWellFormed()) throw malformed('A question must be well-formed Unicode.');
  const { stmts } = await parseText(sql);
  if (stmts?.length !== 1) throw malformed('Ask exactly one question: one SELECT statement.');
  const statement = syntax(stmts[0]?.stmt);
  if (statement.tag !== 'SelectStmt')
    throw refused(statement.tag.replace(/Stmt$/, '').toUpperCase(), 'only SELECT can be asked.');
  return statement;
}
