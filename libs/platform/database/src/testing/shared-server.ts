import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PostgresCluster, type RunningPostgres } from '../embedded/postgres-cluster.js';
import { processIdentity } from '../embedded/process-identity.js';
import { migrate, readMigrations } from '../migrate.js';
import { exclusively } from '../embedded/exclusive.js';

const folder = join(tmpdir(), `castellan-test-postgres-${process.getuid?.() ?? 0}`);
const users = join(folder, 'users');

/** Durable enough for a test, and several times faster. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };

/** One suite's hold on the machine's test server. */
export interface ServerHold {
  url(database: string): string;
  /** A migrated database to clone from; nobody connects to it. */
  readonly template: string;
  /** Lets go; the last one out stops the server. */
  release(): Promise<void>;
}

/**
 * Holds the test server that all test processes of this account share, starting it and building the template when it is
 * the first. A hold of a process that died is dropped by whoever looks next.
 */
export async function holdSharedServer(): Promise<ServerHold> {
  return exclusively(folder, async () => {
    await mkdir(users, { recursive: true });
    const cluster = await PostgresCluster.open(folder);
    const server = cluster.running() ?? (await freshStart(cluster));
    const hold = join(users, `${process.pid}.${randomUUID()}`);
    await writeFile(hold, '');
    const template = await ensureTemplate(cluster, server);
    return {
      template,
      url: (database) => cluster.url(server.port, database),
      release: () => exclusively(folder, () => letGo(hold, cluster, server)),
    };
  });
}

/**
 * Keeps the server that suites start from being stopped between them, until the returned function is called. Starts none
 * itself.
 */
export async function keepSharedServer(): Promise<() => Promise<void>> {
  await mkdir(users, { recursive: true });
  const hold = join(users, `${process.pid}.${randomUUID()}`);
  await writeFile(hold, '');
  return () =>
    exclusively(folder, async () => {
      await rm(hold, { force: true });
      if (!existsSync(join(folder, 'cluster'))) return;
      const cluster = await PostgresCluster.open(folder);
      const server = cluster.running();
      if (server !== undefined) await letGo(hold, cluster, server);
    });
}

async function letGo(hold: string, cluster: PostgresCluster, server: RunningPostgres): Promise<void> {
  await rm(hold, { force: true });
  if (!(await somebodyHolds())) await cluster.stop(server);
}

/** Drops the holds of processes that died. */
async function somebodyHolds(): Promise<boolean> {
  const alive = await Promise.all(
    (await readdir(users)).map(async (name) => {
      if (processIdentity(Number(name.split('.')[0])) !== undefined) return true;
      await rm(join(users, name), { force: true });
      return false;
    }),
  );
  return alive.includes(true);
}

/** Nobody was using the server, so what earlier processes left behind can go. */
async function freshStart(cluster: PostgresCluster): Promise<RunningPostgres> {
  const server = await cluster.start('castellan-test', settings);
  await asAdmin(cluster.url(server.port, 'postgres'), async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE datname LIKE 'suite\\_%' OR datname LIKE 'building\\_%'`,
    );
    for (const { datname } of rows) await client.query(`DROP DATABASE ${client.escapeIdentifier(datname)}`);
  });
  return server;
}

async function ensureTemplate(cluster: PostgresCluster, server: RunningPostgres): Promise<string> {
  const digest = createHash('sha256');
  for (const { name, checksum } of await readMigrations()) digest.update(`${name} ${checksum}\n`);
  const template = `template_${digest.digest('hex').slice(0, 16)}`;
  await asAdmin(cluster.url(server.port, 'postgres'), async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount !== 0) return;
    const building = `building_${randomUUID().slice(0, 8)}`;
    await client.query(`CREATE DATABASE ${building}`);
    await migrate(cluster.url(server.port, building));
    await client.query(`ALTER DATABASE ${building} RENAME TO ${template}`);
  });
  return template;
}

export async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
