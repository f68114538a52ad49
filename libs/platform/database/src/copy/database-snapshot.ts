import pg from 'pg';
import { DatabaseError } from '../database-error.js';
import { fromDriverFailure } from '../driver-failure.js';
import type { MigrationName } from '../migrate.js';
import { tablesInOrder } from './tables-in-order.js';

/** What makes a row's text the same whatever the server's own settings are, and exact. */
export const EXACT_TEXT = `SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex';
  SET extra_float_digits = 1; SET timezone = 'UTC'`;

const ROWS_AT_ONCE = 1_000;

/** Everything of ours in one database at one moment, whatever others write meanwhile. */
export interface DatabaseSnapshot {
  readonly migrations: readonly MigrationName[];
  /** Referenced tables before those that refer to them. */
  readonly tables: readonly string[];
  /** PostgreSQL's own text of each row, `("a",,"b")`, which its type reads back exactly; many at a time. */
  rows(table: string): AsyncGenerator<string[], void, undefined>;
}

/**
 * Reads a database while it is in use. Holds nobody up: one transaction, read only.
 * Not in it: the queue's tables, whose work is asked for again by whoever misses it.
 * @throws `database_unavailable`, `database_foreign`
 */
export async function readSnapshot<T>(
  databaseUrl: string,
  work: (snapshot: DatabaseSnapshot) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // A lost connection also rejects the query in flight; that is where it is told.
  try {
    await client.connect();
    await client.query(EXACT_TEXT);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await requireOurs(client);
    const { rows: migrations } = await client.query<MigrationName>(
      `SELECT migration_name AS name, checksum FROM _prisma_migrations
        WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL ORDER BY migration_name`,
    );
    const tables = await tablesInOrder(client);
    return await work({ migrations, tables, rows: (table) => rowsOf(client, table) });
  } catch (error) {
    throw fromDriverFailure(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function requireOurs(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS found`,
  );
  if (rows[0]?.found === true) return;
  throw new DatabaseError({
    code: 'database_foreign',
    kind: 'not_found',
    publicDetail: 'The database holds no installation: none of our tables is there.',
  });
}

async function* rowsOf(client: pg.Client, table: string): AsyncGenerator<string[], void, undefined> {
  await client.query(
    `DECLARE reading NO SCROLL CURSOR FOR SELECT t::text AS row FROM ${client.escapeIdentifier(table)} t`,
  );
  try {
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`FETCH ${ROWS_AT_ONCE} FROM reading`);
      if (rows.length === 0) return;
      yield rows.map(({ row }) => row);
    }
  } finally {
    // Fails with the transaction, which has its own error to tell.
    await client.query('CLOSE reading').catch(() => undefined);
  }
}
