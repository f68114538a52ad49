import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCheckpoint, signNote } from '@castellan/signed-note';
import { AuditStand } from '../support/audit-stand.js';
import { goProgram } from './go.js';

const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'castellan-interop-'));
const program = join(folder, 'verify');
const { missing } = await goProgram(join(import.meta.dirname, 'audit-log'), program);
if (missing !== undefined)
  console.warn(
    `Skipped: Go's sumdb/note and sumdb/tlog, transparency-dev/merkle and formats over the audit log: ${missing}`,
  );

afterAll(() => rm(folder, { recursive: true }));

(missing === undefined ? describe : describe.skip)('foreign code over the served log', () => {
  let stand: AuditStand;
  let key: string;
  const older = join(folder, 'older-checkpoint');
  beforeAll(async () => {
    stand = await AuditStand.start();
    key = await stand.key(['auditor', 'platform_admin']);
    await writeFile(older, await stand.spec.grow(100));
    await stand.spec.grow(900, 100);
  });
  afterAll(() => stand.close());

  const verify = (checkpoint: string) =>
    run(program, [`${stand.url}/audit/log`, stand.spec.identity.vkey, checkpoint], { env: { TOKEN: key } });

  it('opens the checkpoint, rebuilds the root from the entries, and proves leaves and growth', async () => {
    const { stdout } = await verify(older);
    const [first] = await stand.spec.database.client.auditEntry.findMany({ where: { index: 0n } });
    expect(JSON.parse(stdout)).toEqual({
      origin: stand.spec.identity.origin,
      size: 1000,
      olderSize: 100,
      entries: 1000,
      firstEntry: first?.event,
      rebuiltRootIsSigned: true,
      changedCheckpointRefused: true,
      recordsProved: 28,
      foreignLeavesRefused: 28,
    });
  });

  it('refuses a log that is no growth of the checkpoint that it holds', async () => {
    const forked = join(folder, 'forked-checkpoint');
    await writeFile(forked, checkpointOfAnotherHistory());
    await expect(verify(forked)).rejects.toThrow(/invalid transparency proof/);
  });

  /** Signed with the same key over other leaves, as a log that was set back and went on would have. */
  function checkpointOfAnotherHistory(): string {
    const root = new Uint8Array(32).fill(7);
    const { origin } = stand.spec.identity;
    return signNote(formatCheckpoint({ origin, size: 100, root, extensions: [] }), [stand.spec.signer]);
  }
});
