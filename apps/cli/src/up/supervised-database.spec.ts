import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaDatabase } from '@castellan/database';
import { SupervisedDatabase } from './supervised-database.js';

let root: string;
let folder: string;
let told: string[];
const events = {
  died: (name: string, how: string) => told.push(`${name} died: ${how}`),
  restarted: (name: string) => told.push(`${name} is back`),
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'castellan-database-'));
  await chmod(root, 0o711);
  folder = join(root, 'database');
  told = [];
});
afterEach(() => rm(root, { recursive: true }));

async function postmaster(): Promise<number> {
  const [pid] = (await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}

describe('the supervised database', () => {
  it('comes back after kill -9 at the address that everybody knows, for those who hold connections too', async () => {
    const supervised = await SupervisedDatabase.start(folder, events);
    const address = supervised.databaseUrl;
    const database = new PrismaDatabase({ url: address });
    await database.ping();
    for (let kills = 1; kills <= 2; kills++) {
      process.kill(await postmaster(), 'SIGKILL');
      while (told.length < 2 * kills) await sleep(10);
    }
    expect(told).toEqual([
      'database died: it ended',
      'database is back',
      'database died: it ended',
      'database is back',
    ]);
    expect(supervised.databaseUrl).toBe(address);
    await untilAnswered(database);
    await database.close();
    await supervised.stop();
  });

  it('stays down when it is stopped, also while it is being started again', async () => {
    const supervised = await SupervisedDatabase.start(folder, events);
    process.kill(await postmaster(), 'SIGKILL');
    while (told.length === 0) await sleep(10);
    await supervised.stop();
    await supervised.stop();
    // A killed server leaves its note behind, one that was stopped takes it away: neither may name a living process.
    const pid = await postmaster().catch(() => undefined);
    if (pid !== undefined) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(told).toEqual(['database died: it ended']);
  });
});

/** Connections of before the kill fail once. */
async function untilAnswered(database: PrismaDatabase): Promise<void> {
  for (;;) {
    try {
      return await database.ping();
    } catch {
      await sleep(20);
    }
  }
}
