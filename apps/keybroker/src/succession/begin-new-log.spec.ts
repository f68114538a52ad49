import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuditLog,
  AuditReader,
  CheckpointAuthority,
  ExpiryAuthority,
  expirePayloads,
  indexesOf,
  payloadsExpired,
  Sequencer,
  systemClock,
  verifyStoredLog,
  visitLog,
  type LogIdentity,
} from '@castellan/audit';
import { testDatabase, type TestDatabase } from '@castellan/database';
import type { SealedPersonKey } from '@castellan/contracts';
import { LocalKms } from '@castellan/kms';
import { NoteError, NoteSigner } from '@castellan/signed-note';
import { signDestroyedList } from '@castellan/vault';
import { SealedCheckpointMemory } from '../checkpoint/sealed-checkpoint-memory.js';
import { KeyMemory } from '../keys/key-memory.js';
import { PersonKeys } from '../keys/person-keys.js';
import { openRoot } from '../root/open-root.js';
import { beginNewLog } from './begin-new-log.js';

let folder: string;
let test: TestDatabase;
beforeAll(async () => {
  [folder, test] = await Promise.all([mkdtemp(join(tmpdir(), 'castellan-new-log-')), testDatabase()]);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(folder, 'officers.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

/** The keybroker's state and the sequencer, as they are after a start. */
async function started() {
  const kms = await LocalKms.open({ file: join(folder, 'kms.json'), passphrase: 'correct horse battery' });
  const { root, state } = await openRoot(
    join(folder, 'broker'),
    kms,
    join(folder, 'officers.pem'),
    systemClock,
  );
  const authority = new CheckpointAuthority(
    root.logSigner,
    await SealedCheckpointMemory.open(state.checkpoint),
  );
  const vkey = root.logSigner.verifierKey.toString();
  const identity: LogIdentity = { origin: root.logSigner.name, vkey };
  const sequencer = new Sequencer(test.database, authority, identity);
  const sequence = async () => {
    while ((await sequencer.round()) > 0);
  };
  return { root, state, kms, identity, sequence };
}

async function record(count: number): Promise<void> {
  const log = new AuditLog(test.database);
  const actor = { kind: 'person', name: 'ada' } as const;
  const events = Array.from({ length: count }, () =>
    log.appendDurably({ action: 'spec.recorded', actor, decision: 'allow' }),
  );
  await Promise.all(events);
}

async function declareDataset(): Promise<void> {
  const { client } = test.database;
  const { id: organizationId } = await client.organization.create({ data: { name: 'org' } });
  const { id: projectId } = await client.project.create({ data: { organizationId, name: 'p' } });
  const document = { stewardId: 's', declaration: '{}', declarationDigest: 'x', state: 'sealed' };
  const dataset = { organizationId, projectId, name: 'wages', ...document };
  await client.dataset.create({ data: { ...dataset, budget: { create: { limitPico: 1n } } } });
}

const TABLES = ['AuditEntry', 'AuditTile', 'AuditCheckpoint', 'AuditOutbox'];
async function backup(): Promise<void> {
  for (const table of TABLES)
    await test.database.client.$executeRawUnsafe(`CREATE TABLE "Backup${table}" AS TABLE "${table}"`);
}
async function restore(): Promise<void> {
  for (const table of TABLES) {
    await test.database.client.$executeRawUnsafe(`TRUNCATE "${table}"`);
    await test.database.client.$executeRawUnsafe(`INSERT INTO "${table}" TABLE "Backup${table}"`);
  }
}

describe('after yesterday’s database was restored', () => {
  it('the log refuses to fork and says what to do; a new log goes on, and says what was lost', async () => {
    const before = await started();
    await record(300);
    await before.sequence();
    await backup();
    await declareDataset();
    await record(50);
    await before.sequence();
    const held = await new AuditReader(test.database).checkpoint();
    await restore();
    await record(2);

    const refusal = await (await started()).sequence().catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'audit_fork_detected',
      publicDetail: expect.stringMatching(
        /350 leaves were signed and only 300 are stored.*castellan audit new-log/,
      ),
    });

    // The process dies after the database has been told and before the state is.
    const dying = await started();
    const crash = new Error('killed');
    dying.state.root.write = () => Promise.reject(crash);
    await expect(beginNewLog(dying.state, test.database, { reason: 'a try' })).rejects.toBe(crash);
    await expect((await started()).sequence()).rejects.toMatchObject({ code: 'audit_fork_detected' });

    const { state } = await started();
    const succession = await beginNewLog(state, test.database, {
      reason: 'the disk of 23 November was lost',
    });
    expect(succession).toMatchObject({
      closed: before.identity.vkey,
      lastCheckpoint: held,
      leaves: 300,
      lost: 50,
      heldLedgers: 1,
    });
    expect(await test.database.client.privacyBudget.findMany()).toMatchObject([
      { restoredAt: expect.any(Date) },
    ]);

    const after = await started();
    expect(after.identity.vkey).toBe(succession.begun);
    expect(after.identity.vkey).not.toBe(before.identity.vkey);
    expect(after.root.closedLogs.map(({ vkey }) => vkey)).toEqual([before.identity.vkey]);
    await after.sequence();
    // 300 taken over, 2 that waited, and the two statements of succession: of the try and of what it came to.
    expect(await verifyStoredLog(test.database, after.identity)).toEqual({ ok: true, size: 304, faults: [] });
    const { records } = await new AuditReader(test.database).search({ limit: 10, action: 'log.succeeded' });
    expect(JSON.parse(records[0]?.event ?? '')).toMatchObject({
      reason: 'the disk of 23 November was lost',
      details: { closed: before.identity.vkey, begun: after.identity.vkey, lost: 50, lastCheckpoint: held },
    });

    // Whoever follows the closed log does not take the new one for it.
    const presented = (await new AuditReader(test.database).checkpoint()) ?? '';
    const readTile = async () => undefined;
    const visiting = visitLog({ identity: before.identity, held, presented, readTile });
    await expect(visiting).rejects.toMatchObject({ code: 'checkpoint_invalid' });
  });

  it('what had expired in the closed log has expired in the new one', async () => {
    const { root, state, sequence } = await started();
    await record(5);
    await sequence();
    const actor = { kind: 'process', name: 'jobs' } as const;
    const range = [{ begin: 1, end: 4 }];
    const authority = new ExpiryAuthority(
      test.database,
      root.logSigner,
      await SealedCheckpointMemory.open(state.checkpoint),
      { predictions: 0, access: 0, privacy: 0, governance: 0 },
      systemClock,
    );
    const event = payloadsExpired(range, await authority.permit('1-3'), { actor });
    await new AuditLog(test.database).appendDurably(event);
    await sequence();
    await test.database.transaction((tx) => expirePayloads(tx, indexesOf(range)));

    await beginNewLog(state, test.database, { reason: 'a restore' });
    const after = await started();
    await after.sequence();
    expect(await verifyStoredLog(test.database, after.identity)).toMatchObject({
      ok: true,
      expired: 3,
      faults: [],
    });
  });
});

describe('after a backup from before an erasure was restored', () => {
  const opens = async ({ state, kms }: Awaited<ReturnType<typeof started>>, key: SealedPersonKey) => {
    const keys = new PersonKeys(kms, new AuditLog(test.database), await KeyMemory.open(state.keys));
    return (await keys.open([key], peer)).size === 1;
  };
  const peer = { role: 'api', name: 'api', fingerprint: '' } as const;

  it('nobody who was erased since can be read again, if the list of them was kept', async () => {
    const before = await started();
    await before.sequence();
    let list = '';
    const memory = await KeyMemory.open(before.state.keys, async (names) => {
      list = signDestroyedList(names, before.root.logSigner);
    });
    const keys = new PersonKeys(before.kms, new AuditLog(test.database), memory);
    const [erased, kept] = [await keys.make('erased', peer), await keys.make('kept', peer)];
    const yesterday = await before.state.keys.read();
    await keys.forget('erased');
    expect(await opens(before, erased)).toBe(false);
    await before.state.keys.write(yesterday);
    // The attack: the restored state and the restored row together bring her back.
    expect(await opens(before, erased)).toBe(true);

    const stranger = new NoteSigner(before.identity.origin, generateKeyPairSync('ed25519').privateKey);
    for (const forged of [signDestroyedList(['person/kept'], stranger), list.replace('erased', 'kept')])
      await expect(beginNewLog(before.state, test.database, { reason: 'r', held: [forged] })).rejects.toThrow(
        NoteError,
      );
    expect([await opens(before, kept), await opens(before, erased)]).toEqual([true, true]);

    const terms = { reason: 'the disk was lost', held: [list] };
    expect(await beginNewLog(before.state, test.database, terms)).toMatchObject({ destroyed: 1 });
    const after = await started();
    expect([await opens(after, kept), await opens(after, erased)]).toEqual([true, false]);
    await after.sequence();
  });
});
