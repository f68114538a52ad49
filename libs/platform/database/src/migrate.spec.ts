import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate, testDatabase, type TestDatabase } from './index.js';

describe('migrate', () => {
  let test: TestDatabase;
  let folder: string;
  let url: string;
  let sequence = 0;
  const write = async (name: string, script: string): Promise<void> => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), script);
  };
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-migrations-'));
    await writeFile(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
    const name = `suite_migrate_${process.pid}_${sequence++}`;
    url = test.url;
    await query(`CREATE DATABASE ${name}`);
    const fresh = new URL(test.url);
    fresh.pathname = `/${name}`;
    url = fresh.href;
  });
  afterEach(async () => {
    const name = new URL(url).pathname.slice(1);
    url = test.url;
    await query(`DROP DATABASE ${name} WITH (FORCE)`);
    await rm(folder, { recursive: true });
  });

  it('applies what is missing, in order, once', async () => {
    await write('2_second', 'ALTER TABLE walls ADD COLUMN height int');
    await write('1_first', 'CREATE TABLE walls (id int); INSERT INTO walls VALUES (1);');
    expect(await migrate(url, folder)).toEqual(['1_first', '2_second']);
    await write('3_third', 'CREATE TABLE towers (id int)');
    expect(await migrate(url, folder)).toEqual(['3_third']);
    expect(await migrate(url, folder)).toEqual([]);
    expect(await query('SELECT * FROM walls')).toEqual([{ id: 1, height: null }]);
  });

  it('leaves the history that the Prisma CLI leaves', async () => {
    await write('1_first', 'SELECT 1');
    await migrate(url, folder);
    expect(await query('SELECT * FROM _prisma_migrations')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        // printf 'SELECT 1' | sha256sum
        checksum: 'e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5',
        migration_name: '1_first',
        started_at: expect.any(Date),
        finished_at: expect.any(Date),
        rolled_back_at: null,
        logs: null,
        applied_steps_count: 1,
      },
    ]);
  });

  it('lets several starts at the same moment wait for one another', async () => {
    await write('1_first', 'SELECT pg_sleep(0.2); CREATE TABLE walls (id int)');
    const applied = await Promise.all([1, 2, 3].map(() => migrate(url, folder)));
    expect(applied.flat()).toEqual(['1_first']);
  });

  it('undoes a migration that fails half way, and says which', async () => {
    await write('1_first', 'CREATE TABLE walls (id int)');
    await write('2_broken', 'CREATE TABLE half (id int); SELECT * FROM nowhere;');
    await expect(migrate(url, folder)).rejects.toMatchObject({
      code: 'migration_failed',
      publicDetail: expect.stringContaining('2_broken'),
    });
    expect(
      await query(`SELECT to_regclass('walls') IS NULL AS walls, to_regclass('half') IS NULL AS half`),
    ).toEqual([{ walls: false, half: true }]);
    await write('2_broken', 'CREATE TABLE whole (id int)');
    expect(await migrate(url, folder)).toEqual(['2_broken']);
  });

  it('touches nothing when an applied migration was edited or is missing', async () => {
    await write('1_first', 'CREATE TABLE walls (id int)');
    await migrate(url, folder);
    await write('1_first', 'CREATE TABLE walls (id bigint)');
    await write('2_second', 'CREATE TABLE towers (id int)');
    await expect(migrate(url, folder)).rejects.toMatchObject({ code: 'migration_history_differs' });
    await rm(join(folder, '1_first'), { recursive: true });
    await expect(migrate(url, folder)).rejects.toMatchObject({ code: 'migration_history_differs' });
    expect(await query(`SELECT to_regclass('towers') AS towers`)).toEqual([{ towers: null }]);
  });
});
