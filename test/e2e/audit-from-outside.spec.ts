import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../apps/cli/src/run.js';
import { AuditStand } from '../support/audit-stand.js';

let stand: AuditStand;
let home: string;
let token: string;
beforeAll(async () => {
  stand = await AuditStand.start();
  home = await mkdtemp(join(tmpdir(), 'castellan-monitor-'));
  token = await stand.key(['auditor', 'platform_admin']);
});
afterAll(async () => {
  await stand.close();
  await rm(home, { recursive: true });
});

async function castellan(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run(['audit', ...argv, '--json'], {
    stdin: new PassThrough(),
    stdout,
    stderr,
    environment: { CASTELLAN_HOME: home, CASTELLAN_URL: stand.url, CASTELLAN_TOKEN: token },
    now: () => new Date(),
    signal: new AbortController().signal,
  });
  const lastLine = (stream: PassThrough) =>
    String(stream.read() ?? '{}')
      .trim()
      .split('\n')
      .at(-1) ?? '{}';
  return { code, result: JSON.parse(lastLine(stdout)), error: JSON.parse(lastLine(stderr)).error };
}

/** The tables of the log as they stand: what a backup of the database holds. */
async function backup(): Promise<() => Promise<void>> {
  const { client } = stand.spec.database;
  const tables = ['AuditEntry', 'AuditTile', 'AuditCheckpoint'];
  for (const table of tables)
    await client.$executeRawUnsafe(`CREATE TABLE "Yesterday${table}" AS TABLE "${table}"`);
  return async () => {
    for (const table of tables) {
      await client.$executeRawUnsafe(`TRUNCATE "${table}"`);
      await client.$executeRawUnsafe(`INSERT INTO "${table}" TABLE "Yesterday${table}"`);
      await client.$executeRawUnsafe(`DROP TABLE "Yesterday${table}"`);
    }
  };
}

describe('castellan audit, run by somebody who trusts neither the operators nor the database', () => {
  it('monitors growth, mirrors, verifies offline, and tells each wrong', async () => {
    const state = join(home, 'outside', 'log.json');
    const pinned = ['--vkey', stand.spec.identity.vkey];
    const monitor = (...more: string[]) => castellan('monitor', '--once', '--state', state, ...more);
    await stand.spec.grow(300);
    expect(await monitor(...pinned)).toMatchObject({ code: 0, result: { ok: true, size: 300 } });

    const restoreYesterday = await backup();
    await stand.spec.grow(300, 300);
    expect(await monitor('--entries')).toMatchObject({
      code: 0,
      result: { ok: true, size: 600, grown: 300, entries: 600 },
    });
    expect(await monitor()).toMatchObject({ code: 0, result: { size: 600, grown: 0 } });

    const copy = join(home, 'copy');
    expect(await castellan('mirror', copy)).toMatchObject({ code: 0, result: { size: 600 } });
    expect(await castellan('verify', copy, ...pinned)).toMatchObject({
      code: 0,
      result: { ok: true, size: 600 },
    });
    expect(await castellan('verify', ...pinned)).toMatchObject({ code: 0, result: { ok: true, size: 600 } });
    expect(await castellan('verify', copy)).toMatchObject({ code: 2 });
    // Full files are there already: tiles 0 and 1, and their bundles.
    expect((await castellan('mirror', copy)).result.files).toBe(3);

    const bundle = join(copy, 'tile', 'entries', '001');
    const bytes = await readFile(bundle);
    bytes[bytes.indexOf('version-300') + 8] = '9'.charCodeAt(0);
    await writeFile(bundle, bytes);
    expect(await castellan('verify', copy, ...pinned)).toMatchObject({
      code: 1,
      result: { ok: false, faults: [{ index: 300, code: 'leaf_edited' }] },
      error: { code: 'log_invalid' },
    });

    // Yesterday's database, and a log that goes on from it with a signer that was set back as well.
    const today = (await stand.spec.reader.checkpoint()) ?? '';
    await restoreYesterday();
    const alarm = await monitor();
    expect(alarm).toMatchObject({
      code: 1,
      error: { code: 'checkpoint_rolled_back', meta: { held: today } },
    });
    stand.spec.memory.note = (await stand.spec.reader.checkpoint()) ?? '';
    await stand.spec.grow(500, 1000);
    expect(await monitor()).toMatchObject({ code: 1, error: { code: 'log_forked', meta: { held: today } } });
    const proofs = (await readdir(join(home, 'outside'))).filter((name) => name.includes('.alarm-'));
    expect(proofs).toHaveLength(2);
    const proof = JSON.parse(await readFile(join(home, 'outside', proofs.toSorted()[1] ?? ''), 'utf8'));
    expect(proof).toMatchObject({ code: 'log_forked', held: today, presented: stand.spec.memory.note });
  });

  it('does not take another key for the one it follows, nor another file for its own', async () => {
    const state = join(home, 'other.json');
    const monitor = (...more: string[]) => castellan('monitor', '--once', '--state', state, ...more);
    expect((await monitor('--vkey', stand.spec.identity.vkey)).code).toBe(0);
    const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(await monitor('--vkey', other)).toMatchObject({ code: 1, error: { code: 'log_key_changed' } });
    await writeFile(state, '{}');
    expect((await monitor('--vkey', stand.spec.identity.vkey)).code).toBe(2);
  });
});
