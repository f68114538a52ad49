import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  destructionOrderPayload,
  readTrustDocument,
  type DestructionTarget,
} from '@castellan/approval-policy';
import type { DsseEnvelope } from '@castellan/contracts';
import { requestKeys } from '@castellan/keybroker-client';
import { BrokerScene, codeOf, Signer, type Process, type SeededVersion } from '../testing.js';

const HOUR_MS = 3_600_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let scene: BrokerScene;
let api: Process;
let jobs: Process;
let rosa: Signer;
let lastNumber = 0;
const db = () => scene.test.database.client;

async function enroll(): Promise<void> {
  await atRealTime(async () => {
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    await scene.sequence();
  });
}
/** TLS goes by the machine's clock, and knows no certificate from the future. */
async function atRealTime(work: () => Promise<void>): Promise<void> {
  const { aheadMs } = scene.clock;
  scene.clock.aheadMs = 0;
  await work();
  scene.clock.aheadMs = aheadMs;
}
beforeAll(async () => {
  scene = await BrokerScene.open();
  await enroll();
  rosa = new Signer('rosa');
  for (const reviewer of [scene.rita, rosa])
    await api.client.honour(scene.officer.sign(scene.certificate(reviewer)));
});
afterAll(() => scene[Symbol.asyncDispose]());

type Subject = { target?: DestructionTarget; id: string; name?: string; digest: string };
const iso = (days: number) => new Date(scene.clock.now().getTime() + 24 * days * HOUR_MS).toISOString();
function order(by: Signer, { target = 'version', id, name = 'digits', digest }: Subject): DsseEnvelope {
  const { organization, project } = scene;
  const terms = { target, targetId: id, organization, project, person: by.name, reason: 'withdrawn consent' };
  const dates = { issuedAt: iso(0), expiresAt: iso(30), nonce: randomUUID() };
  return by.sign(destructionOrderPayload({ name, sha256: digest }, { ...terms, ...dates }));
}
const give = (envelope: DsseEnvelope) => api.client.honour(envelope);
const carryOut = ({ id }: { id: string }) => codeOf(jobs.client.carryOutDestruction(id));
const stateOf = async ({ id }: { id: string }) =>
  (await api.client.orderedDestructions()).destructions.find(({ targetId }) => targetId === id)?.state;
const newVersion = () => scene.seedVersion(api, ++lastNumber);
const scan = ({ id }: SeededVersion) =>
  codeOf(requestKeys(jobs.client, { purpose: 'scan', subject: { kind: 'version', id }, peer: jobs.peer }));
const wait = (ms: number) => {
  scene.clock.aheadMs += ms;
};

describe('destroying a version', () => {
  it('takes two people, and the time of waiting after the second', async () => {
    const version = await newVersion();
    expect(await carryOut(version)).toBe('destruction_not_due');
    await give(order(scene.rita, version));
    await give(order(scene.rita, version));
    wait(2 * HOUR_MS);
    expect(await stateOf(version)).toBe('awaiting-second');
    expect(await carryOut(version)).toBe('destruction_not_due');
    await give(order(rosa, version));
    expect(await stateOf(version)).toBe('waiting');
    expect(await carryOut(version)).toBe('destruction_not_due');
    expect(await scan(version)).toBeUndefined();
    wait(HOUR_MS);
    expect(await stateOf(version)).toBe('due');
    expect(await carryOut(version)).toBeUndefined();
    expect(await scan(version)).toBe('key_unusable');
    const { allowed, reasons } = await api.client.evaluate(version.id);
    expect([allowed, reasons.map(({ code }) => code)]).toEqual([
      false,
      expect.arrayContaining(['keys_destroyed']),
    ]);
    expect(await stateOf(version)).toBeUndefined();
  });

  it('is recorded in the log before it is done, wipes the keys and certifies it', async () => {
    const version = await newVersion();
    const orders = [order(scene.officer, version), order(scene.rita, version)];
    for (const each of orders) await give(each);
    wait(HOUR_MS);
    await scene.stopSequencing();
    expect(await carryOut(version)).toBe('event_not_sequenced');
    expect(
      (await db().dataKey.findUniqueOrThrow({ where: { id: version.dataKeyId } })).wrapped,
    ).not.toHaveLength(0);
    await atRealTime(() => scene.sequence());
    expect(await carryOut(version)).toBeUndefined();
    const row = await db().dataKey.findUniqueOrThrow({ where: { id: version.dataKeyId } });
    expect(row.wrapped).toHaveLength(0);
    expect(await db().version.findUniqueOrThrow({ where: { id: version.id } })).toMatchObject({
      stage: 'destroyed',
    });
    const { certificate, signature } = await db().destruction.findUniqueOrThrow({
      where: { targetId: version.id },
    });
    expect(JSON.parse(certificate)).toMatchObject({
      target: 'version',
      subject: { sha256: version.digest },
      orders: orders.map((each) => ({ digest: readTrustDocument(each).digest })),
      dataKeys: [version.dataKeyId],
      versions: [version.id],
    });
    expect(signature).toContain('-----BEGIN');
    const events = await db().auditEntry.findMany({
      where: { action: 'keys.destroyed', resourceId: version.id },
    });
    expect(events.length).toBeGreaterThan(0);
  });

  it('does not come undone with a restored database, a restart or a re-wrap', async () => {
    const version = await newVersion();
    const key = await db().dataKey.findUniqueOrThrow({ where: { id: version.dataKeyId } });
    for (const by of [scene.rita, rosa]) await give(order(by, version));
    wait(HOUR_MS);
    await carryOut(version);
    const { wrapped } = key;
    await db().dataKey.update({ where: { id: key.id }, data: { wrapped, destroyedAt: null } });
    await db().destruction.deleteMany({});
    expect(await scan(version)).toBe('key_unusable');
    await atRealTime(async () => {
      await scene.stopSequencing();
      await scene.broker.close();
      await scene.start();
      await enroll();
    });
    expect(await scan(version)).toBe('key_unusable');
    const { version: current } = await api.client.keyEncryptionKey(scene.projectId);
    await api.client.rotateKek(scene.projectId, current);
    expect((await jobs.client.rewrap({ projectId: scene.projectId, limit: 100 })).unopened).toBeGreaterThan(
      0,
    );
    expect((await db().dataKey.findUniqueOrThrow({ where: { id: key.id } })).kekId).toBe(key.kekId);
  });

  it('can be cancelled by one person while it waits, and takes new orders after that', async () => {
    const version = await newVersion();
    const first = order(scene.rita, version);
    await give(first);
    await give(order(rosa, version));
    await give(rosa.sign(scene.revocation(readTrustDocument(first).digest, 'rosa', 'destruction-order')));
    wait(2 * HOUR_MS);
    expect(await carryOut(version)).toBe('destruction_not_due');
    await give(first);
    wait(2 * HOUR_MS);
    expect(await carryOut(version)).toBe('destruction_not_due');
    await give(order(scene.rita, version));
    expect(await stateOf(version)).toBe('waiting');
  });

  it('is refused for what is deployed, when it is ordered and when it is due', async () => {
    const version = await newVersion();
    const { organizationId, projectId } = scene;
    const deployment = { organizationId, projectId, versionId: version.id, createdById: randomUUID() };
    const name = `served-${lastNumber}`;
    await db().deployment.create({ data: { ...deployment, name, desired: 'running' } });
    expect(await codeOf(give(order(scene.rita, version)))).toBe('destruction_blocked');
    await db().deployment.update({ where: { name }, data: { desired: 'stopped' } });
    for (const by of [scene.rita, rosa]) await give(order(by, version));
    await db().deployment.update({ where: { name }, data: { desired: 'running' } });
    wait(HOUR_MS);
    expect(await carryOut(version)).toBe('destruction_blocked');
    expect(await scan(version)).toBeUndefined();
  });

  it('counts no order by a stranger, in another’s name, about another digest, or by somebody no longer trusted', async () => {
    const version = await newVersion();
    const [mallory, masked] = [new Signer('mallory'), new Signer('rosa')];
    expect(await codeOf(give(order(mallory, version)))).toBe('reviewer_untrusted');
    expect(await codeOf(give(order(masked, version)))).toBe('reviewer_untrusted');
    const other = await newVersion();
    expect(await codeOf(give(order(scene.rita, { ...version, digest: other.digest })))).toBe(
      'destruction_target_unknown',
    );
    const leaver = new Signer('lena');
    const certificate = scene.officer.sign(scene.certificate(leaver));
    await give(certificate);
    await give(order(leaver, version));
    await give(order(scene.rita, version));
    const { digest } = readTrustDocument(certificate);
    await give(scene.officer.sign(scene.revocation(digest, 'olga', 'reviewer-certificate')));
    wait(HOUR_MS);
    expect(await carryOut(version)).toBe('destruction_not_due');
    await scene.insertDocument(order(rosa, version), 'destruction-order');
    expect(await carryOut(version)).toBe('destruction_not_due');
  });
});

describe('destroying more', () => {
  it('of a model takes every version of it', async () => {
    const version = await newVersion();
    const model = await db().model.findFirstOrThrow({ where: { organizationId: scene.organizationId } });
    const { organization, project } = scene;
    const subject = {
      id: model.id,
      target: 'model',
      digest: sha256(`${organization}/${project}/digits`),
    } as const;
    await db().deployment.updateMany({ data: { desired: 'stopped' } });
    for (const by of [scene.rita, rosa]) await give(order(by, subject));
    wait(HOUR_MS);
    expect(await carryOut(model)).toBeUndefined();
    expect(await scan(version)).toBe('key_unusable');
  });

  it('of a project takes its key-encryption keys: nothing is opened or sealed in it any more', async () => {
    const dataset = await scene.seedDataset(api);
    const { organization, project, projectId: id } = scene;
    const subject = {
      id,
      target: 'project',
      name: project,
      digest: sha256(`${organization}/${project}`),
    } as const;
    const before = await db().keyEncryptionKey.findMany({ where: { projectId: id } });
    for (const by of [scene.rita, rosa]) await give(order(by, subject));
    wait(HOUR_MS);
    expect(await carryOut({ id })).toBeUndefined();
    for (const { id: kekId, sealedPrivate } of before)
      await db().keyEncryptionKey.update({ where: { id: kekId }, data: { sealedPrivate, retiredAt: null } });
    await db().dataKey.update({ where: { id: dataset.dataKeyId }, data: { destroyedAt: null } });
    const measured = {
      purpose: 'measure',
      subject: { kind: 'dataset', id: dataset.id },
      peer: jobs.peer,
    } as const;
    expect(await codeOf(requestKeys(jobs.client, measured))).toBe('key_unusable');
    expect(await codeOf(api.client.keyEncryptionKey(id))).toBe('project_destroyed');
    expect(await codeOf(api.client.rotateKek(id, 1))).toBe('project_destroyed');
  });
});
