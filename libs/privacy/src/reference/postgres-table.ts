import { requireReferenced, type ProtectedTable } from '../declaration/protected-table.js';
import { checkSource } from './check-source.js';
import { readLoginBytes } from './login-bytes.js';
import { PostgresSession, readLogin } from './postgres-session.js';
import { sourceTexts } from './source-texts.js';

const BATCH_ROWS = 4_096;

/**
 * Opens the table with what was sealed of it, if it can be read as it was declared; no row is read yet. The caller disposes
 * of it. @throws source_unavailable, source_refused
 */
export async function openReferenced(login: Uint8Array, table: ProtectedTable): Promise<PostgresSession> {
  const referenced = requireReferenced(table);
  const session = await PostgresSession.open(referenced.source, readLogin(login));
  try {
    await checkSource(session, referenced);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** Fails as long as the table can't be read as it was declared. @throws source_unavailable, source_refused */
export async function checkReferenced(login: Uint8Array, table: ProtectedTable): Promise<void> {
  const session = await openReferenced(login, table);
  await session[Symbol.asyncDispose]();
}

/** Passes a login through that opens the table, and can't write to it. */
export async function* checkedLogin(
  source: AsyncIterable<Uint8Array>,
  table: ProtectedTable,
): AsyncGenerator<Uint8Array> {
  const login = await readLoginBytes(source);
  await checkReferenced(login, table);
  yield login;
}

/** The table's records, from one snapshot, a batch at a time. */
export async function* readReferenced(
  login: Uint8Array,
  table: ProtectedTable,
): AsyncGenerator<readonly string[]> {
  await using session = await openReferenced(login, table);
  await session.rows(`DECLARE records NO SCROLL CURSOR FOR ${sourceTexts(requireReferenced(table))}`);
  for (;;) {
    const batch = await session.rows(`FETCH ${BATCH_ROWS} FROM records`);
    for (const row of batch) yield row.map((cell) => (cell === null ? '' : String(cell)));
    if (batch.length < BATCH_ROWS) return;
  }
}
