import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AuditLog } from '@castellan/audit';
import { FolderBlobStore } from '@castellan/blob-store';
import { migrate, PrismaDatabase } from '@castellan/database';
import { run } from '../run.js';
import { DataFolder } from '../up/data-folder.js';
import { JoinTokens } from '../up/join-tokens.js';
import { officersFor } from '../up/officers.js';
import { builtApp, processPlans } from '../up/plans.js';
import { SupervisedDatabase } from '../up/supervised-database.js';
import { SupervisedProcess } from '../up/supervised-process.js';
import { unwatched } from './back-up.js';

const passphrase = 'correct horse battery staple';
let root: string;
let data: string;
let backup: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'castellan-recovery-'));
  // PostgreSQL's own account must find its way in.
  await chmod(root, 0o711);
  [data, backup] = [join(root, 'data'), join(root, 'backup')];
});
afterAll(() => rm(root, { recursive: true }));

async function castellan(argv: readonly string[], signal = new AbortController().signal) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const environment = { CASTELLAN_PASSPHRASE: passphrase, CASTELLAN_HOME: root };
  const code = await run(argv, { stdin, stdout, stderr, environment, now: () => new Date(), signal });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

/** An installation with one blob and one record, as far as a backup goes: its database runs, and the keybroker has been started. */
async function installation(): Promise<{ stop(): Promise<void> }> {
  const folder = await DataFolder.open(data, { demo: false, now: new Date() });
  const database = await SupervisedDatabase.start(folder.database, unwatched);
  const { databaseUrl } = database;
  await Promise.all([migrate(databaseUrl), officersFor(folder, [])]);
  const { keybroker } = processPlans({
    folder,
    databaseUrl,
    passphrase,
    ports: { api: 0, gateway: 0, keybroker: 0, worker: 0 },
    joinTokens: new JoinTokens(),
    bootstrapTokenHash: '',
    environment: {},
    services: {},
    scriptOf: builtApp,
  });
  const broker = new SupervisedProcess(keybroker, unwatched);
  await broker.start();
  await broker.stop();
  const rows = new PrismaDatabase({ url: databaseUrl, poolSize: 1 });
  const actor = { kind: 'person', name: 'ada' } as const;
  await rows.transaction((tx) =>
    new AuditLog(rows).append(tx, { action: 'spec.recorded', actor, decision: 'allow' }),
  );
  await rows.close();
  const blobs = await FolderBlobStore.open(folder.blobs);
  const sealed = async function* () {
    yield Buffer.from('sealed, in truth');
  };
  await blobs.put('versions/a/0', sealed());
  await folder.noteStarted();
  return {
    stop: async () => {
      await database.stop();
      folder.lock.release();
    },
  };
}

describe('after a disaster', () => {
  it('a backup of the running installation and the passphrase bring it up again, with a new log', async () => {
    const { stop } = await installation();
    const made = await castellan(['backup', backup, '--data', data, '--json']);
    expect(made).toMatchObject({ code: 0 });
    expect(JSON.parse(made.out)).toMatchObject({ blobs: 1, blobBytes: 16, rows: 1 });
    await stop();
    const destroyed = join(root, 'destroyed.note');
    await copyFile(join(data, 'keybroker/public/destroyed.note'), destroyed);
    await rm(data, { recursive: true });

    expect(await castellan(['restore', '--check', backup])).toMatchObject({ code: 0 });
    const nothing = await castellan(['restore', backup, '--data', data]);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('--reason')]);
    await writeFile(join(root, 'not-a-checkpoint'), 'no');
    const terms = ['--data', data, '--reason', 'the disk was lost'];
    const refused = await castellan(['restore', backup, ...terms, '--held', join(root, 'not-a-checkpoint')]);
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining('not-a-checkpoint is no checkpoint'),
    ]);
    await expect(readdir(data)).rejects.toThrow();

    const restored = await castellan(['restore', backup, ...terms, '--held', destroyed, '--json']);
    expect(restored).toMatchObject({ code: 0 });
    const { log, succession } = JSON.parse(restored.out);
    expect(log).toMatchObject({ ok: true });
    expect(succession.begun).not.toBe(succession.closed);
    expect(succession.destroyed).toBe(0);
    const again = await castellan(['restore', backup, ...terms]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('data_folder_not_empty')]);

    // What was restored is an installation: it can be backed up, and holds the record and why there is a new log.
    const second = await castellan(['backup', join(root, 'second'), '--data', data, '--json']);
    expect(JSON.parse(second.out)).toMatchObject({ blobs: 1, rows: 2 });
    expect((await readdir(data)).sort()).toEqual([
      'blobs',
      'castellan.json',
      'database',
      'keybroker',
      'logs',
      'tmp',
    ]);
  });

  it('a restore that was interrupted leaves nothing', async () => {
    const interruption = new AbortController();
    interruption.abort(new Error('SIGINT'));
    const empty = join(root, 'interrupted');
    const { code, err } = await castellan(
      ['restore', backup, '--data', empty, '--reason', 'r'],
      interruption.signal,
    );
    expect([code, err]).toEqual([1, expect.stringContaining('interrupted')]);
    expect(await readdir(empty)).toEqual([]);
  });

  it('a folder that nobody ever started is nothing to back up', async () => {
    const { code, err } = await castellan(['backup', join(root, 'none'), '--data', join(root, 'nowhere')]);
    expect([code, err]).toEqual([1, expect.stringContaining('data_folder_foreign')]);
  });
});
