import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readWitnesses, Witnessing, type Witness } from '@castellan/audit';
import { NoteSigner, openCosignatures, parseNote } from '@castellan/signed-note';
import { SpecLog } from '../../libs/audit/src/testing/spec-log.js';
import { goProgram } from './go.js';

const folder = await mkdtemp(join(tmpdir(), 'castellan-witness-'));
const program = join(folder, 'witness');
const { missing } = await goProgram(join(import.meta.dirname, 'audit-witness'), program);
if (missing !== undefined)
  console.warn(`Skipped: transparency-dev/witness cosigns our checkpoints: ${missing}`);

afterAll(() => rm(folder, { recursive: true }));

(missing === undefined ? describe : describe.skip)('an unmodified transparency-dev witness', () => {
  let spec: SpecLog;
  let server: ChildProcess;
  let witness: Witness;
  const failures: unknown[] = [];
  beforeAll(async () => {
    spec = await SpecLog.open();
    const signer = new NoteSigner('witness.example/go', generateKeyPairSync('ed25519').privateKey);
    server = spawn(program, [signer.exportSecret(), String(signer.verifierKey), spec.identity.vkey], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(server.stdout!)[Symbol.asyncIterator]();
    const [url, key] = [(await lines.next()).value, (await lines.next()).value];
    witness = readWitnesses(`${url} ${key}`)[0]!;
  });
  afterAll(async () => {
    server.stdin?.end();
    await once(server, 'exit');
    await spec.close();
  });

  const round = () =>
    new Witnessing(spec.database, [witness], { onFailure: (error) => failures.push(error) }).round();

  it('cosigns growth, also asked by somebody who does not know what it knows', async () => {
    for (const [count, from] of [
      [1, 0],
      [299, 1],
      [500, 300],
    ] as const) {
      await spec.grow(count, from);
      expect(await round()).toBe(1);
      const { text, signatures } = parseNote((await spec.reader.witnessedCheckpoint()) ?? '');
      const [cosignature] = openCosignatures(text, signatures, [witness.key]);
      expect(text.split('\n')[1]).toBe(String(from + count));
      expect(Math.abs(Date.now() - (cosignature?.at.getTime() ?? 0))).toBeLessThan(3_600_000);
    }
    expect(failures).toEqual([]);
  });

  it('refuses a log that was set back and one that was rewritten', async () => {
    await spec.reset();
    await spec.grow(100, 1_000);
    expect(await round()).toBe(0);
    await spec.grow(900, 2_000);
    expect(await round()).toBe(0);
    expect(failures).toMatchObject([{ code: 'witness_ahead' }, { code: 'witness_refused' }]);
  });
});
