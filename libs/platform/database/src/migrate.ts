import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DatabaseError } from './database-error.js';
import { fromDriverFailure } from './driver-failure.js';

/** The repository's own migrations; the same distance from `src` and from `dist`. */
export const migrationsFolder = fileURLToPath(new URL('../../../../prisma/migrations/', import.meta.url));

/** The advisory lock that Prisma's own `migrate deploy` takes, so that the two exclude each other. */
const prismaMigrateLock = 72707369;

/** Column for column what Prisma's schema engine creates, so that the Prisma CLI accepts this history. */
const historyTable = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

export interface Migration {
  readonly name: string;
  readonly script: string;
  /** Lowercase hex SHA-256 of the script, as Prisma records it. */
  readonly checksum: string;
}

export type MigrationName = Pick<Migration, 'name' | 'checksum'>;

/** The folder's migrations in the order in which they apply: by name, which begins with a timestamp. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const script = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    }),
  );
}

/**
 * Applies the migrations that the database lacks, each in one transaction with its history row, and gives their names.
 * With `through` only those: the form of an earlier moment. Concurrent callers wait for one another. Needs no Prisma CLI; `prisma migrate deploy` accepts the result.
 *
 * Errors: `migration_history_differs` before anything is applied, `migration_failed`, `database_unavailable`.
 */
export async function migrate(
  databaseUrl: string,
  folder = migrationsFolder,
  through?: readonly MigrationName[],
): Promise<string[]> {
  const migrations = through === undefined ? await readMigrations(folder) : await only(through, folder);
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // A lost connection also rejects the query in flight; that is where it is told.
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [prismaMigrateLock]);
    await client.query(historyTable);
    const pending = pendingOf(migrations, await readHistory(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } catch (error) {
    throw fromDriverFailure(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @throws DatabaseError `migration_history_differs` when one of them is not among the files as it was */
async function only(wanted: readonly MigrationName[], folder: string): Promise<Migration[]> {
  const files = new Map((await readMigrations(folder)).map((migration) => [migration.name, migration]));
  return wanted.map(({ name, checksum }) => {
    const file = files.get(name);
    if (file?.checksum !== checksum) throw historyDiffers(name, file !== undefined);
    return file;
  });
}

interface HistoryRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

async function readHistory(client: pg.Client): Promise<HistoryRow[]> {
  const { rows } = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
      WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

/** What is left to apply, once history is known to be a prefix of the files. */
function pendingOf(migrations: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const files = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of history) {
    if (row.finished_at === null) {
      throw new DatabaseError({
        code: 'migration_failed',
        kind: 'conflict',
        publicDetail: `Migration ${row.migration_name} failed earlier. Look at the database, then mark it resolved.`,
      });
    }
    if (files.get(row.migration_name)?.checksum !== row.checksum)
      throw historyDiffers(row.migration_name, files.has(row.migration_name));
    files.delete(row.migration_name);
  }
  return [...files.values()];
}

function historyDiffers(name: string, known: boolean): DatabaseError {
  const how = known ? 'differs from the one applied' : 'is not among the files';
  return new DatabaseError({
    code: 'migration_history_differs',
    kind: 'conflict',
    publicDetail: `Migration ${name} ${how}. This database belongs to another version.`,
  });
}

async function apply(client: pg.Client, { name, script, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(script);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const failure = fromDriverFailure(error);
    if (failure instanceof DatabaseError) throw failure;
    throw new DatabaseError({
      code: 'migration_failed',
      kind: 'internal',
      publicDetail: `Migration ${name} could not be applied; the database is as it was before it.`,
      cause: error,
    });
  }
}
