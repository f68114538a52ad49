import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyStoredLog } from './index.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';

const MIB = 1024 * 1024;

/** A disk of 4 MiB; undefined where this account may not mount one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch {
    await rmdir(folder);
    console.warn('skipped: an audit log on a full disk, which only root can mount');
    return undefined;
  }
}

const disk = await smallDisk();

(disk === undefined ? describe.skip : describe)('an audit log on a full disk', () => {
  const root = disk ?? '';
  const tablespace = `small_${process.pid}`;
  const ballast = join(root, 'ballast');
  const full = { code: 'database_full', kind: 'exhausted' };
  let spec: SpecLog;

  const sql = (text: string): Promise<number> => spec.database.client.$executeRawUnsafe(text);
  const moveTo = async (place: string): Promise<void> => {
    for (const relation of [
      ...['TABLE "AuditOutbox"', 'INDEX "AuditOutbox_pkey"', 'TABLE "AuditEntry"'],
      ...['INDEX "AuditEntry_pkey"', 'INDEX "AuditEntry_eventId_key"'],
    ])
      await sql(`ALTER ${relation} SET TABLESPACE ${place}`);
  };

  beforeAll(async () => {
    spec = await SpecLog.open();
    const [data] = await spec.database.client.$queryRaw<{ folder: string }[]>`
      SELECT current_setting('data_directory') AS folder`;
    const { uid, gid } = await stat(data?.folder ?? '');
    await chmod(root, 0o711);
    await mkdir(join(root, 'space'), { mode: 0o700 });
    await chown(join(root, 'space'), uid, gid);
    await sql(`CREATE TABLESPACE ${tablespace} LOCATION '${join(root, 'space')}'`);
    await moveTo(tablespace);
  });
  afterAll(async () => {
    await moveTo('pg_default');
    await sql(`DROP TABLESPACE ${tablespace}`);
    await spec.close();
    execFileSync('umount', [root]);
    await rm(root, { recursive: true });
  });

  it('refuses appends, loses nothing that was acknowledged, and goes on when there is space again', async () => {
    const acknowledged = await spec.record(300);
    await sequenceAll(spec.sequencer());
    const long = { ...numbered(1), details: { text: 'x'.repeat(1_900) } };
    const refusal = async (append: () => Promise<string>): Promise<unknown> => {
      for (let n = 0; n < 5_000; n += 1) {
        const outcome = await append().catch((error: unknown) => error);
        if (typeof outcome !== 'string') return outcome;
        acknowledged.push(outcome);
      }
      return undefined;
    };
    // Full but for what is left of the last pages.
    await writeFile(ballast, Buffer.alloc(4 * MIB)).catch(() => undefined);

    expect(await refusal(() => spec.log.appendDurably(long))).toMatchObject(full);
    const change = refusal(() =>
      spec.database.transaction(async (tx) => {
        await tx.organization.create({ data: { name: `change ${acknowledged.length}` } });
        return spec.log.append(tx, long);
      }),
    );
    expect(await change).toMatchObject(full);
    // The change of the refused event did not happen either.
    const changes = await spec.database.client.organization.findMany();
    expect(changes.map(({ name }) => name)).not.toContain(`change ${acknowledged.length}`);
    const sequencer = spec.sequencer();
    const stuck = await sequenceAll(sequencer).catch((error: unknown) => error);
    expect(stuck).toMatchObject(full);

    await rm(ballast);
    acknowledged.push(...(await spec.record(10, 5_000)));
    await sequenceAll(sequencer);
    const rows = await spec.database.client.auditEntry.findMany({ select: { eventId: true } });
    expect(rows.map(({ eventId }) => eventId).toSorted()).toEqual(acknowledged.toSorted());
    expect(await verifyStoredLog(spec.database, spec.identity)).toEqual({
      ok: true,
      size: acknowledged.length,
      faults: [],
    });
  });
});
