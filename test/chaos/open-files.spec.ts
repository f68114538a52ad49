import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { PatternSet } from '../../apps/cli/src/demo/pattern-set.js';
import { patternsOf } from '../../apps/cli/src/demo/plaintext-search.js';
import { fixture } from '../support/fixtures.js';
import { heldIn } from '../support/plaintext.js';

it.each([
  ['a process', 'sleep 600 3<&- &'],
  ['its child alone', 'sleep 600 & exec 3<&-;'],
])('the search sees plaintext behind a file that was deleted and is held open by %s', async (_, held) => {
  const secret = Buffer.from(await fixture('digits/digits-keras2.h5'));
  const folder = await mkdtemp(join(tmpdir(), 'castellan-held-'));
  await writeFile(join(folder, 'weights'), secret);
  const script = `exec 3<"$0"; rm "$0"; ${held} echo held; wait`;
  const holder = spawn('sh', ['-c', script, join(folder, 'weights')], { detached: true });
  await once(holder.stdout, 'data');
  try {
    const { found } = await heldIn([holder.pid ?? 0], new PatternSet(patternsOf(secret, 100)));
    expect(found).toEqual([expect.stringMatching(/\/fd\/3$/)]);
  } finally {
    process.kill(-(holder.pid ?? 0), 'SIGKILL');
    await once(holder, 'close');
    await rm(folder, { recursive: true });
  }
});
