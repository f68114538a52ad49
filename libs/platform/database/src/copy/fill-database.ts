import pg from 'pg';
import { DatabaseError } from '../database-error.js';
import { fromDriverFailure } from '../driver-failure.js';
import { migrate, migrationsFolder, type MigrationName } from '../migrate.js';
import { EXACT_TEXT } from './database-snapshot.js';
import { tablesInOrder } from './tables-in-order.js';

/** Rows of a snapshot, as `DatabaseSnapshot.rows` gave them. */
export interface StoredTable {
  readonly name: string;
  rows(): AsyncIterable<string[]>;
}

/**
 * Gives an empty database the tables of a snapshot: first in the form that they had then, all rows in one transaction, and
 * then what migrations have come since. What a reader of rows throws comes out as it is, and no row is kept.
 *
 * Errors: `database_not_empty` (nothing is changed), `migration_history_differs` when the snapshot is another release's,
 * `database_unavailable`.
 */
export async function fillDatabase(
  databaseUrl: string,
  migrations: readonly MigrationName[],
  tables: readonly StoredTable[],
): Promise<void> {
  await withClient(databaseUrl, (client) => requireEmpty(client, migrations));
  await migrate(databaseUrl, migrationsFolder, migrations);
  await withClient(databaseUrl, async (client) => {
    await client.query('BEGIN');
    for (const table of tables) for await (const rows of table.rows()) await insert(client, table.name, rows);
    await client.query('COMMIT');
  });
  await migrate(databaseUrl);
}

async function insert(client: pg.Client, table: string, rows: readonly string[]): Promise<void> {
  const name = client.escapeIdentifier(table);
  // OFFSET keeps the server from reading each text once a column.
  const source = `SELECT unnest($1::text[])::${name} AS row OFFSET 0`;
  await client.query(`INSERT INTO ${name} SELECT (given.row).* FROM (${source}) given`, [rows]);
}

async function requireEmpty(client: pg.Client, migrations: readonly MigrationName[]): Promise<void> {
  const tables = await tablesInOrder(client);
  if (tables.length === 0) return;
  for (const table of tables) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${client.escapeIdentifier(table)} LIMIT 1`);
    if (rowCount !== 0) throw notEmpty(`The database holds rows already (${table}).`);
  }
  // A try that was interrupted leaves tables of the same form.
  const known = migrations.map(({ name }) => name);
  const history = 'SELECT 1 FROM _prisma_migrations WHERE migration_name <> ALL ($1::text[]) LIMIT 1';
  if ((await client.query(history, [known])).rowCount !== 0)
    throw notEmpty('The database holds tables of a newer form already.');
}

async function withClient(databaseUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // As in `migrate`.
  try {
    await client.connect();
    await client.query(EXACT_TEXT);
    await work(client);
  } catch (error) {
    throw fromDriverFailure(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function notEmpty(why: string): DatabaseError {
  const publicDetail = `${why} Give an empty one.`;
  return new DatabaseError({ code: 'database_not_empty', kind: 'conflict', publicDetail });
}
