import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestKeys } from '@castellan/keybroker-client';
import { LocalKms } from '@castellan/kms';
import { dataKeyContext } from '@castellan/vault';
import { openState } from '../state/state-folder.js';
import { writeDurably } from '../state/sealed-file.js';
import { BrokerScene, bytesOf, codeOf, type Process, type SeededVersion } from '../testing.js';

let scene: BrokerScene;
let api: Process;
let jobs: Process;
let versions: SeededVersion[];
const db = () => scene.test.database.client;

async function enroll(): Promise<void> {
  [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
  await scene.sequence();
}
async function restart(): Promise<void> {
  await scene.stopSequencing();
  await scene.broker.close();
  await scene.start();
  await enroll();
}
/** Whether jobs gets the very data key of a version, as it does to scan it. */
async function opens({ id, dataKeyId, dataKey }: SeededVersion): Promise<boolean> {
  const subject = { kind: 'version', id } as const;
  const { keys } = await requestKeys(jobs.client, { purpose: 'scan', subject, peer: jobs.peer });
  return bytesOf(keys.get(dataKeyId)).equals(dataKey);
}
const rowOf = ({ dataKeyId }: SeededVersion) => db().dataKey.findUniqueOrThrow({ where: { id: dataKeyId } });
const kekRow = (version: number) =>
  db().keyEncryptionKey.findUniqueOrThrow({
    where: { projectId_version: { projectId: scene.projectId, version } },
  });
const rewrapAll = () => jobs.client.rewrap({ projectId: scene.projectId, limit: 100 });

beforeAll(async () => {
  scene = await BrokerScene.open();
  await enroll();
  versions = [
    await scene.seedVersion(api, 1),
    await scene.seedVersion(api, 2),
    await scene.seedVersion(api, 3),
  ];
});
afterAll(() => scene[Symbol.asyncDispose]());

describe('a rotation', () => {
  it('gives new data the new version at once, and is recorded', async () => {
    expect(await jobs.client.rotateKek(scene.projectId, 1)).toMatchObject({ version: 2 });
    expect(await api.client.keyEncryptionKey(scene.projectId)).toMatchObject({ version: 2 });
    expect(await scene.actions()).toContain('kek.rotated');
  });

  it('that is sent again does nothing', async () => {
    expect(await codeOf(api.client.rotateKek(scene.projectId, 1))).toBe('kek_version_stale');
    expect(await api.client.keyEncryptionKey(scene.projectId)).toMatchObject({ version: 2 });
  });

  it('asked for twice at once makes one version', async () => {
    const asked = [1, 2, 3].map(() => codeOf(api.client.rotateKek(scene.projectId, 2)));
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(1);
    expect(await api.client.keyEncryptionKey(scene.projectId)).toMatchObject({ version: 3 });
  });

  it('is nothing that a worker or a gateway may ask for', async () => {
    const worker = await scene.enroll('worker');
    expect(await codeOf(worker.client.rotateKek(scene.projectId, 3))).toBe('peer_forbidden');
    expect(await codeOf(api.client.rewrap({ projectId: scene.projectId, limit: 1 }))).toBe('peer_forbidden');
  });
});

describe('re-wrapping', () => {
  it('goes on where it was left, moves each key once and leaves its file as it was', async () => {
    const before = await Promise.all(versions.map(rowOf));
    const first = await jobs.client.rewrap({ projectId: scene.projectId, limit: 2 });
    expect(first).toMatchObject({ rewrapped: 2, unopened: 0, remaining: 1 });
    await restart();
    expect(await rewrapAll()).toEqual({ rewrapped: 1, unopened: 0, remaining: 0 });
    expect(await rewrapAll()).toEqual({ rewrapped: 0, unopened: 0, remaining: 0 });
    const current = await kekRow(3);
    for (const [index, version] of versions.entries()) {
      const row = await rowOf(version);
      expect(row.kekId).toBe(current.id);
      expect(row.wrapped).not.toEqual(before[index]?.wrapped);
      expect(row.context).toBe(before[index]?.context);
      expect(await opens(version)).toBe(true);
    }
    const events = await db().auditEntry.findMany({ where: { action: 'data-keys.rewrapped' } });
    expect(events.every(({ organizationId }) => organizationId === scene.organizationId)).toBe(true);
  });

  it('moves no key that was put under another subject, project or key-encryption key', async () => {
    const [swapped, elsewhere, foreign] = [
      await scene.seedVersion(api, 4),
      await scene.seedVersion(api, 5),
      await scene.seedVersion(api, 6),
    ];
    const task = await scene.seedDataKey(api, 'task', 'ab'.repeat(32));
    const other = await db().project.create({
      data: { name: 'other', organizationId: scene.organizationId },
    });
    const otherKek = await api.client.keyEncryptionKey(other.id);
    await api.client.rotateKek(scene.projectId, 3);
    const contextFor = (id: string, project: string) => dataKeyContext({ kind: 'version', id, project });
    const edits = [
      { id: swapped.dataKeyId, context: contextFor(elsewhere.id, scene.projectId) },
      { id: elsewhere.dataKeyId, context: contextFor(elsewhere.id, other.id) },
      { id: foreign.dataKeyId, kekId: otherKek.kekId },
    ];
    for (const { id, ...data } of edits) await db().dataKey.update({ where: { id }, data });
    const attacked = [swapped, elsewhere, foreign];
    const before = await Promise.all(attacked.map(rowOf));

    expect(await rewrapAll()).toEqual({ rewrapped: 4, unopened: 2, remaining: 2 });
    const { kekId } = await db().dataKey.findUniqueOrThrow({ where: { id: task.dataKeyId } });
    expect(kekId).toBe((await kekRow(4)).id);
    await jobs.client.rotateKek(other.id, 1);
    expect(await jobs.client.rewrap({ projectId: other.id, limit: 10 })).toMatchObject({
      rewrapped: 0,
      unopened: 1,
    });
    expect(await Promise.all(attacked.map(rowOf))).toEqual(before);

    // Put right again, they are moved like any other.
    const repaired = { kekId: (await kekRow(3)).id };
    for (const { id, dataKeyId } of attacked) {
      const data = { ...repaired, context: contextFor(id, scene.projectId) };
      await db().dataKey.update({ where: { id: dataKeyId }, data });
    }
    expect(await rewrapAll()).toMatchObject({ rewrapped: 3, unopened: 0, remaining: 0 });
    for (const version of attacked) expect(await opens(version)).toBe(true);
  });

  it('does not open under a key-encryption key whose row claims this project', async () => {
    const intruder = await db().project.create({
      data: { name: 'intruder', organizationId: scene.organizationId },
    });
    const { kekId } = await api.client.keyEncryptionKey(intruder.id);
    await db().keyEncryptionKey.update({
      where: { id: kekId },
      data: { projectId: scene.projectId, version: 99 },
    });
    expect(await codeOf(rewrapAll())).toBe('key_unusable');
    expect(await codeOf(api.client.keyEncryptionKey(scene.projectId))).toBe('key_unusable');
    await db().keyEncryptionKey.delete({ where: { id: kekId } });
    expect(await codeOf(rewrapAll())).toBeUndefined();
  });
});

describe('retiring', () => {
  it('is refused for the current key, an unknown one, and one that is still needed', async () => {
    expect(await codeOf(api.client.retireKek(scene.projectId, 4))).toBe('kek_in_use');
    expect(await codeOf(api.client.retireKek(scene.projectId, 40))).toBe('key_unknown');
    await api.client.rotateKek(scene.projectId, 4);
    expect(await codeOf(api.client.retireKek(scene.projectId, 4))).toBe('kek_in_use');
    await rewrapAll();
  });

  it('destroys the private half for good: a restored row opens nothing, not after a restart either', async () => {
    const [row, key] = [await kekRow(4), await rowOf(versions[0]!)];
    await api.client.retireKek(scene.projectId, 4);
    expect((await kekRow(4)).sealedPrivate).toHaveLength(0);
    expect(await codeOf(api.client.retireKek(scene.projectId, 4))).toBeUndefined();
    expect((await scene.actions()).filter((action) => action === 'kek.retired')).toHaveLength(1);

    // Yesterday's backup: the sealed half is there again, and a data key rests on it.
    await db().keyEncryptionKey.update({
      where: { id: row.id },
      data: { sealedPrivate: row.sealedPrivate, retiredAt: null },
    });
    await db().dataKey.update({ where: { id: key.id }, data: { kekId: row.id } });
    expect(await codeOf(opens(versions[0]!))).toBe('key_unusable');
    expect(await rewrapAll()).toMatchObject({ rewrapped: 0, unopened: 1 });
    await restart();
    expect(await codeOf(opens(versions[0]!))).toBe('key_unusable');
    await db().dataKey.update({ where: { id: key.id }, data: { kekId: key.kekId } });
    expect(await opens(versions[0]!)).toBe(true);
  });
});

describe('a database in which the newest key is missing', () => {
  it('seals nothing under an older one; rotating goes on with a version that never was', async () => {
    const newest = await kekRow(5);
    await db().dataKey.deleteMany({ where: { kekId: newest.id } });
    await db().keyEncryptionKey.delete({ where: { id: newest.id } });
    expect(await codeOf(api.client.keyEncryptionKey(scene.projectId))).toBe('key_rolled_back');
    expect(await api.client.rotateKek(scene.projectId, 5)).toMatchObject({ version: 6 });
    expect(await api.client.keyEncryptionKey(scene.projectId)).toMatchObject({ version: 6 });
  });
});

describe('a folder from before keys were remembered', () => {
  it('is taken up, and refused like any other once it has lost a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-older-'));
    const kms = await LocalKms.open({ file: join(folder, 'kms.json'), passphrase: 'correct horse battery' });
    await openState(folder, kms, async () => ({ root: 'r', documents: 'd', checkpoint: '' }));
    const state = join(folder, 'state');
    const sealedKey = await readFile(join(state, 'state.key'));
    const stateKey = await kms.unseal(sealedKey, 'castellan/keybroker/state-key/v2');
    await rm(join(state, 'keys.sealed'));
    const never = () => Promise.reject(new Error('made again'));
    expect(await codeOf(openState(folder, kms, never))).toBe('state_damaged');
    await rm(join(state, 'state.key'));
    const older = await kms.seal(stateKey, 'castellan/keybroker/state-key/v1');
    await writeDurably(join(state, 'state.key'), Readable.from([Buffer.from(older)]));
    expect(await (await openState(folder, kms, never)).root.read()).toBe('r');
    expect(await (await openState(folder, kms, never)).keys.read()).toContain('keys/v1');
    await rm(join(state, 'keys.sealed'));
    expect(await codeOf(openState(folder, kms, never))).toBe('state_damaged');
    await rm(folder, { recursive: true });
  });
});
