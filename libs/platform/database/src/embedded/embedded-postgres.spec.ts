import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PrismaDatabase } from '../prisma-database.js';
import { migrate } from '../migrate.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { PostgresCluster } from './postgres-cluster.js';

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(folder: string): Promise<number> {
  return Number((await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('EmbeddedPostgres', () => {
  let root: string;
  let folder: string;
  let started: EmbeddedPostgres[] = [];
  let sequence = 0;
  const start = async (): Promise<EmbeddedPostgres> => {
    const server = await EmbeddedPostgres.start({ folder });
    started.push(server);
    return server;
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-embedded-'));
    await chmod(root, 0o711);
  });
  beforeEach(() => {
    folder = join(root, String(sequence++));
  });
  afterEach(async () => {
    await Promise.all(started.map((server) => server.stop()));
    started = [];
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('keeps its data from one start to the next', async () => {
    const first = await start();
    await query(first.databaseUrl, 'CREATE TABLE kept AS SELECT 7 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second.databaseUrl, 'SELECT * FROM kept')).toEqual([{ answer: 7 }]);
  });

  it('asks for its own password, which only the owner of the folder can read', async () => {
    const { databaseUrl } = await start();
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'password.initdb'))).toBe(false);
    const wrong = new URL(databaseUrl);
    wrong.password = 'castellan';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(new URL(databaseUrl).hostname).toBe('127.0.0.1');
  });

  it('refuses a second start on the same folder, and the first one goes on', async () => {
    const { databaseUrl } = await start();
    await expect(EmbeddedPostgres.start({ folder })).rejects.toMatchObject({
      code: 'database_folder_in_use',
      kind: 'conflict',
    });
    expect(await query(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets one of two starts at the same moment win', async () => {
    const outcomes = await Promise.allSettled([start(), start()]);
    const lost = outcomes.filter(({ status }) => status === 'rejected');
    expect(lost).toMatchObject([{ reason: { name: 'DatabaseError' } }]);
    expect(await query(started[0]?.databaseUrl ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('recovers committed data after kill -9', async () => {
    const { databaseUrl } = await start();
    await query(databaseUrl, 'CREATE TABLE survivors AS SELECT 1 AS n');
    const pid = await postmasterPid(folder);
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(true);
    const again = await start();
    expect(await query(again.databaseUrl, 'SELECT * FROM survivors')).toEqual([{ n: 1 }]);
  });

  it('says when its server ends, and restarts it at the same address', async () => {
    const server = await start();
    const { databaseUrl } = server;
    await query(databaseUrl, 'CREATE TABLE survivors AS SELECT 1 AS n');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    await server.restart();
    expect(server.databaseUrl).toBe(databaseUrl);
    expect(await query(databaseUrl, 'SELECT * FROM survivors')).toEqual([{ n: 1 }]);
    await expect(EmbeddedPostgres.start({ folder })).rejects.toMatchObject({
      code: 'database_folder_in_use',
    });
  });

  it('starts though the noted process id belongs to somebody else by now', async () => {
    const first = await start();
    const path = join(folder, 'cluster', 'postmaster.pid');
    const lines = await readFile(path, 'utf8');
    await first.stop();
    const bystander = spawn('sleep', ['60']);
    await writeFile(path, lines.replace(/^\d+/, String(bystander.pid)));
    const again = await start();
    expect(await query(again.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    bystander.kill();
  });

  it('takes over from an owner that was killed and left its server behind', async () => {
    const cluster = await PostgresCluster.open(folder);
    const dead = spawn('true');
    await new Promise((resolve) => dead.once('exit', resolve));
    const orphan = await cluster.start(`castellan:${dead.pid}:1`);
    await start();
    await gone(orphan.pid);
    expect(cluster.running()?.pid).not.toBe(orphan.pid);
  });

  it('begins again when the first start was interrupted', async () => {
    await mkdir(join(folder, 'cluster.building'), { recursive: true });
    await writeFile(join(folder, 'cluster.building', 'PG_VERSION'), '18\n');
    const { databaseUrl } = await start();
    expect(await query(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder of another PostgreSQL', async () => {
    await mkdir(join(folder, 'cluster'), { recursive: true });
    await writeFile(join(folder, 'cluster', 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toMatchObject({ code: 'database_folder_version' });
  });

  it('says which folder the account of the server may not enter', async () => {
    if (process.getuid?.() !== 0)
      return console.log('skipped: only a root process runs the server as another account');
    const closed = join(root, 'closed');
    await mkdir(closed, { mode: 0o700 });
    folder = join(closed, 'data');
    await expect(start()).rejects.toMatchObject({
      code: 'database_folder_unreachable',
      publicDetail: expect.stringContaining(closed),
    });
  });

  it('writes neither statements nor values to its log', async () => {
    const { databaseUrl } = await start();
    await query(databaseUrl, 'CREATE TABLE people (name text PRIMARY KEY)');
    await query(databaseUrl, "INSERT INTO people VALUES ('hunter2')");
    await expect(query(databaseUrl, "INSERT INTO people VALUES ('hunter2')")).rejects.toThrow();
    const log = await readFile(join(folder, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('hunter2');
  });
});

describe('when the server goes away', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-embedded-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is a typed error everywhere, and works again when it is back', async () => {
    const server = await EmbeddedPostgres.start({ folder });
    await migrate(server.databaseUrl);
    const database = new PrismaDatabase({ url: server.databaseUrl });
    await database.ping();
    const unavailable = { code: 'database_unavailable', kind: 'unavailable' };
    const interrupted = database.transaction(async (tx) => {
      await tx.organization.create({ data: { name: 'half done' } });
      await server.stop();
      await tx.organization.create({ data: { name: 'other half' } });
    });
    await expect(interrupted).rejects.toMatchObject(unavailable);
    await expect(database.ping()).rejects.toMatchObject(unavailable);
    await expect(database.client.organization.count()).rejects.toMatchObject(unavailable);
    await expect(database.transaction(async (tx) => tx.organization.count())).rejects.toMatchObject(
      unavailable,
    );
    await expect(migrate(server.databaseUrl)).rejects.toMatchObject(unavailable);
    await database.close();
    const back = await EmbeddedPostgres.start({ folder });
    const again = new PrismaDatabase({ url: back.databaseUrl });
    expect(await again.client.organization.count()).toBe(0);
    await again.close();
    await back.stop();
  });
});
