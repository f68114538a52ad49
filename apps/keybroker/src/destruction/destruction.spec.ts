import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  destructionOrderPayload,
  personDigest,
  revocationPayload,
  readTrustDocument,
  type DestructionTarget,
} from '@castellan/approval-policy';
import { KeybrokerPersonKeys } from '@castellan/audit';
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
  const { organization } = scene;
  const project = target === 'person' ? '*' : scene.project;
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

describe('erasing a person', () => {
  let all: Signer;
  beforeAll(async () => {
    all = new Signer('alma');
    await give(scene.officer.sign(scene.certificate(all, { projects: ['*'] })));
  });
  const somebody = async (disabledAt: Date | null = new Date()) => {
    const { organizationId, organization } = scene;
    const name = `zdenka-${randomUUID().slice(0, 8)}`;
    const row = await db().person.create({
      data: { organizationId, name, displayName: name, disabledAt },
    });
    const stored = await new KeybrokerPersonKeys(api.client).make(row.id);
    await db().personKey.create({ data: stored });
    const digest = personDigest(organization, row.id);
    return { id: row.id, name: row.id, target: 'person', digest, handle: name } as const;
  };
  const opens = async (personId: string, by = api) => {
    const row = await db().personKey.findUniqueOrThrow({ where: { personId } });
    return (await new KeybrokerPersonKeys(by.client).open([row])).has(personId);
  };

  it('takes two people and the wait; then no row that comes back opens, and there is no new key', async () => {
    const person = await somebody();
    const where = { personId: person.id };
    const kept = await db().personKey.findUniqueOrThrow({ where });
    expect([await opens(person.id), await opens(person.id, jobs)]).toEqual([true, true]);
    for (const by of [scene.officer, all]) await give(order(by, person));
    expect(await carryOut(person)).toBe('destruction_not_due');
    wait(HOUR_MS);
    expect(await carryOut(person)).toBeUndefined();
    expect(await db().personKey.findUniqueOrThrow({ where })).toMatchObject({
      sealedPrivate: new Uint8Array(0),
      erasedAt: expect.any(Date),
    });
    await db().personKey.update({ where, data: kept });
    expect(await opens(person.id)).toBe(false);
    expect(await codeOf(api.client.makePersonKey(person.id))).toBe('person_erased');
    const row = await db().destruction.findUniqueOrThrow({ where: { targetId: person.id } });
    expect(JSON.parse(row.certificate)).toMatchObject({
      target: 'person',
      name: person.id,
      subject: { sha256: person.digest },
    });
    const leaves = await db().auditEntry.findMany({
      where: { action: 'keys.destroyed', resourceId: person.id },
    });
    expect(leaves).toHaveLength(1);
    const written = JSON.stringify([row, leaves, await db().trustDocument.findMany()], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(written).not.toContain(person.handle);
  });

  it('is for officers and reviewers of all projects, and for nobody who may still come in', async () => {
    const person = await somebody(null);
    expect(await codeOf(give(order(scene.rita, person)))).toBe('reviewer_out_of_scope');
    expect(await codeOf(give(order(all, person)))).toBe('destruction_blocked');
    await db().person.update({ where: { id: person.id }, data: { disabledAt: new Date() } });
    const first = order(all, person);
    for (const each of [first, order(scene.officer, person)]) await give(each);
    await db().person.update({ where: { id: person.id }, data: { disabledAt: null } });
    wait(HOUR_MS);
    expect(await carryOut(person)).toBe('destruction_blocked');
    expect(await opens(person.id)).toBe(true);
    const { digest } = readTrustDocument(first);
    const { organization } = scene;
    const terms = {
      organization,
      project: '*',
      person: 'alma',
      reason: 'it was a mistake',
      issuedAt: iso(0),
    };
    const taken = { ...terms, target: 'destruction-order' } as const;
    await give(all.sign(revocationPayload({ name: 'destruction-order', sha256: digest }, taken)));
    expect(await stateOf(person)).toBe('awaiting-second');
  });

  it('leaves no way to open one person’s key as another’s, or one that was made up', async () => {
    const [mine, other] = [await somebody(), await somebody()];
    const row = await db().personKey.findUniqueOrThrow({ where: { personId: mine.id } });
    const keys = new KeybrokerPersonKeys(api.client);
    expect(await keys.open([{ ...row, personId: other.id }])).toEqual(new Map());
    expect(await keys.open([{ ...row, publicKey: new Uint8Array(32) }])).toEqual(new Map());
    expect(await keys.open([{ ...row, sealedPrivate: new Uint8Array(60) }])).toEqual(new Map());
    await atRealTime(async () => {
      const gateway = new KeybrokerPersonKeys((await scene.enroll('gateway')).client);
      await expect(gateway.open([row])).rejects.toMatchObject({ kind: 'forbidden' });
    });
  });

  it('records who was given which keys before they are given', async () => {
    const person = await somebody();
    expect(await opens(person.id)).toBe(true);
    const texts = await db().$queryRaw<{ event: string }[]>`
      SELECT event FROM "AuditOutbox" UNION ALL SELECT event FROM "AuditEntry"`;
    const opened = texts.filter(
      ({ event }) => event.includes('person-keys.opened') && event.includes(person.id),
    );
    expect(opened).toHaveLength(1);
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
