import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CheckpointAuthority, Sequencer, verifyStoredLog } from './index.js';
import { FileMemory } from './testing/file-memory.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';

const runner = fileURLToPath(new URL('../../../prisma/run-source.mjs', import.meta.url));
const program = fileURLToPath(new URL('./testing/sequencer-process.ts', import.meta.url));

let spec: SpecLog;
let folder: string;
beforeAll(async () => {
  spec = await SpecLog.open();
  folder = await mkdtemp(join(tmpdir(), 'castellan-audit-'));
});
afterAll(async () => {
  await spec.close();
  await rm(folder, { recursive: true });
});

/** A sequencer in a process of its own, once it runs. */
async function start(memoryFile: string): Promise<ChildProcess> {
  const parameters = [spec.test.url, spec.signer.exportSecret(), memoryFile];
  const child = spawn(process.execPath, ['--import', runner, program, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('kill -9', () => {
  it('of the sequencer, again and again under load, loses no event and repeats none', async () => {
    const memoryFile = join(folder, 'last-checkpoint');
    const memory = new FileMemory(memoryFile);
    const acknowledged: string[] = [];
    const held: string[] = [];
    let writing = true;
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        acknowledged.push(await spec.log.appendDurably(numbered(acknowledged.length)));
        await sleep(2);
      }
    });
    for (const aliveMs of [3, 41, 12, 97, 26]) {
      const child = await start(memoryFile);
      await sleep(aliveMs);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const note = await memory.load();
      if (note !== undefined) held.push(note);
    }
    writing = false;
    await Promise.all(writers);

    const authority = new CheckpointAuthority(spec.signer, memory);
    await sequenceAll(new Sequencer(spec.database, authority, spec.identity));
    const rows = await spec.database.client.auditEntry.findMany({ select: { eventId: true } });
    expect(rows.map(({ eventId }) => eventId).toSorted()).toEqual(acknowledged.toSorted());
    expect(held.length).toBeGreaterThan(0);
    expect(await verifyStoredLog(spec.database, spec.identity, held)).toEqual({
      ok: true,
      size: acknowledged.length,
      faults: [],
    });
  });
});
