import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditLog } from '@castellan/audit';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { Kms, KmsError, LocalKms } from '@castellan/kms';
import type { State } from '../state/state-folder.js';
import { openState } from '../state/state-folder.js';
import { KeyMemory } from './key-memory.js';
import { ProjectKeys } from './project-keys.js';

/** A key store behind a network that comes and goes. */
class DistantKms extends Kms {
  down = false;

  constructor(private readonly kms: Kms) {
    super();
  }

  override seal(plaintext: Uint8Array, context: string): Promise<Uint8Array> {
    return this.down ? Promise.reject(new KmsError('kms_unavailable')) : this.kms.seal(plaintext, context);
  }

  override unseal(sealed: Uint8Array, context: string): Promise<Uint8Array> {
    return this.down ? Promise.reject(new KmsError('kms_unavailable')) : this.kms.unseal(sealed, context);
  }
}

describe('while the key store does not answer', () => {
  let folder: string;
  let test: TestDatabase;
  let kms: DistantKms;
  let state: State;
  let organizationId: string;
  const fingerprint = createHash('sha256').update('api').digest('hex');
  const peer = { role: 'api', name: 'api', fingerprint } as const;
  const unavailable = { code: 'kms_unavailable', kind: 'unavailable' };

  beforeAll(async () => {
    [folder, test] = await Promise.all([mkdtemp(join(tmpdir(), 'castellan-kms-down-')), testDatabase()]);
    const file = join(folder, 'kms.json');
    kms = new DistantKms(await LocalKms.open({ file, passphrase: 'correct horse battery' }));
    const first = { root: '{}', documents: '[]', checkpoint: '' };
    state = await openState(folder, kms, async () => first);
    ({ id: organizationId } = await test.database.client.organization.create({
      data: { name: randomUUID() },
    }));
  });
  afterAll(async () => {
    await test.close();
    await rm(folder, { recursive: true });
  });

  const started = async () =>
    new ProjectKeys(test.database, kms, new AuditLog(test.database), await KeyMemory.open(state.keys));
  const project = async (name: string) =>
    (await test.database.client.project.create({ data: { name, organizationId } })).id;
  const traces = async () => {
    const { client } = test.database;
    return [await client.keyEncryptionKey.count(), await client.auditOutbox.count()];
  };

  it('what runs goes on with the keys that are open; new keys are refused, leave no trace, and come once it is back', async () => {
    const keys = await started();
    const [running, fresh] = [await project('running'), await project('fresh')];
    const { kekId, publicKey } = await keys.current(running, peer);
    const before = await traces();
    kms.down = true;
    expect((await keys.open(kekId, running)).publicKey).toEqual(publicKey);
    expect((await keys.current(running, peer)).kekId).toBe(kekId);
    await expect(keys.current(fresh, peer)).rejects.toMatchObject(unavailable);
    await expect(keys.rotate(running, 1, peer)).rejects.toMatchObject(unavailable);
    expect(await traces()).toEqual(before);
    kms.down = false;
    expect(await keys.current(fresh, peer)).toMatchObject({ version: 1 });
    expect(await keys.rotate(running, 1, peer)).toMatchObject({ version: 2 });
  });

  it('a broker that was started again says that it is down, and not that the key is gone', async () => {
    const id = await project('restarted');
    const { kekId, publicKey } = await (await started()).current(id, peer);
    const keys = await started();
    kms.down = true;
    await expect(keys.open(kekId, id)).rejects.toMatchObject(unavailable);
    await expect(keys.newest(id)).rejects.toMatchObject(unavailable);
    await expect(openState(folder, kms, () => Promise.reject(new Error('made anew')))).rejects.toMatchObject(
      unavailable,
    );
    kms.down = false;
    expect((await keys.open(kekId, id)).publicKey).toEqual(publicKey);
  });
});
