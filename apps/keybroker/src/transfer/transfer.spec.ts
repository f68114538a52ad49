import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { destructionOrderPayload, projectDigest, rootExportOrderPayload } from '@castellan/approval-policy';
import type { DsseEnvelope, KeyRecipient, ProjectRootPackage } from '@castellan/contracts';
import { requestKeys } from '@castellan/keybroker-client';
import { readRecipientCertificate } from '@castellan/pki';
import { BrokerScene, bytesOf, codeOf, Signer, type Process, type SeededVersion } from '../testing.js';

const DAY_MS = 86_400_000;

/** Where the keys are, and where they are wanted: two platforms with a database, folder, key store and officer each. */
let here: BrokerScene;
let there: BrokerScene;
let api: Process;
let thereApi: Process;
let thereJobs: Process;
let version: SeededVersion;
/** Its keys are destroyed where it was made; somebody kept its rows. */
let destroyed: SeededVersion;
/** The package that was taken in. */
let imports: ProjectRootPackage;
const rosa = new Signer('rosa');
const sender = async () => {
  const certificate = (await here.ca).replaceAll(/-----[A-Z ]+-----|\s/g, '');
  return createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex');
};

beforeAll(async () => {
  [here, there] = await Promise.all([BrokerScene.open(), BrokerScene.open()]);
  [api, thereApi, thereJobs] = await Promise.all([
    here.enroll('api'),
    there.enroll('api'),
    there.enroll('jobs'),
  ]);
  await Promise.all([here.sequence(), there.sequence()]);
  for (const reviewer of [here.rita, rosa])
    await api.client.honour(here.officer.sign(here.certificate(reviewer)));
  version = await here.seedVersion(api);
  destroyed = await here.seedVersion(api, 2);
  await api.client.rotateKek(here.projectId, 1);
});
afterAll(async () => {
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const recipient = () => thereApi.client.createRootRecipient(there.organizationId);
type About = { id?: string; organization?: string; project?: string; digest?: string };
function order(by: Signer, to: KeyRecipient, about: About = {}): DsseEnvelope {
  const { organization = here.organization, project = here.project, id = here.projectId } = about;
  const sha256 = about.digest ?? projectDigest(organization, project);
  const { certificate, sha256: to256 } = to;
  const terms = { targetId: id, organization, project, recipient: to256, certificate };
  const dates = { issuedAt: here.day(0), expiresAt: here.day(30), nonce: randomUUID() };
  const rest = { person: by.name, reason: 'moving to the other site', ...dates };
  return by.sign(rootExportOrderPayload({ name: project, sha256 }, { ...terms, ...rest }));
}
const give = (envelope: DsseEnvelope) => codeOf(api.client.honour(envelope));
const exported = (to: KeyRecipient) => api.client.exportRoot(here.projectId, to.sha256);
async function ordered(to: KeyRecipient): Promise<ProjectRootPackage> {
  for (const by of [here.rita, rosa]) await api.client.honour(order(by, to));
  return exported(to);
}
const take = async (envelope: ProjectRootPackage, from?: string) =>
  thereApi.client.importRoot(there.organizationId, { package: envelope, sender: from ?? (await sender()) });
const keysThere = () => there.test.database.client.keyEncryptionKey.count();

/** The rows of both versions, as any older copy of the database has them. */
async function rows() {
  const from = here.test.database.client;
  const id = { in: [version.id, destroyed.id] };
  return {
    project: await from.project.findUniqueOrThrow({ where: { id: here.projectId } }),
    models: await from.model.findMany(),
    versions: await from.version.findMany({ where: { id } }),
    dataKeys: await from.dataKey.findMany({
      where: { id: { in: [version.dataKeyId, destroyed.dataKeyId] } },
    }),
    files: await from.versionFile.findMany({ where: { versionId: id } }),
  };
}
async function copy({ project, models, versions, dataKeys, files }: Awaited<ReturnType<typeof rows>>) {
  const to = there.test.database.client;
  const { organizationId } = there;
  await to.project.create({ data: { ...project, organizationId } });
  await to.model.createMany({ data: models.map((model) => ({ ...model, organizationId })) });
  await to.version.createMany({ data: versions });
  await to.dataKey.createMany({ data: dataKeys });
  await to.versionFile.createMany({ data: files });
}
const scanThere = ({ id }: SeededVersion = version) => {
  const subject = { kind: 'version', id } as const;
  return requestKeys(thereJobs.client, { purpose: 'scan', subject, peer: thereJobs.peer });
};
async function destroy({ id, digest }: SeededVersion): Promise<void> {
  const { organization, project } = here;
  const jobs = await here.enroll('jobs');
  for (const by of [here.rita, rosa]) {
    const about = { target: 'version', targetId: id, organization, project, person: by.name } as const;
    const rest = { reason: 'withdrawn', issuedAt: here.day(0), expiresAt: here.day(30), nonce: randomUUID() };
    await give(by.sign(destructionOrderPayload({ name: 'digits@2', sha256: digest }, { ...about, ...rest })));
  }
  here.clock.aheadMs = 2 * 3_600_000;
  await jobs.client.carryOutDestruction(id);
  here.clock.aheadMs = 0;
}

describe('exporting a project’s keys', () => {
  it('takes two people, about this very certificate', async () => {
    const [to, other] = [await recipient(), await recipient()];
    expect(await codeOf(exported(to))).toBe('root_export_not_ordered');
    await give(order(here.rita, to));
    await give(order(here.rita, to));
    expect(await codeOf(exported(to))).toBe('root_export_not_ordered');
    await give(order(rosa, other));
    expect(await codeOf(exported(to))).toBe('root_export_not_ordered');
    expect(await codeOf(exported(other))).toBe('root_export_not_ordered');
    const { exports } = await api.client.orderedExports();
    expect(exports.map(({ recipient: each, state }) => [each, state])).toEqual([
      [to.sha256, 'awaiting-second'],
      [other.sha256, 'awaiting-second'],
    ]);
  });

  it('is no more once one of them takes her order back', async () => {
    const to = await recipient();
    const ritas = order(here.rita, to);
    await give(ritas);
    await give(order(rosa, to));
    const { digest } = (await api.client.orderedExports()).exports
      .flatMap(({ recipient: each, orders }) => (each === to.sha256 ? orders : []))
      .find(({ person }) => person === 'rita')!;
    await give(here.rita.sign(here.revocation(digest, 'rita', 'root-export-order')));
    expect(await codeOf(exported(to))).toBe('root_export_not_ordered');
  });

  it('is in the log before a key leaves', async () => {
    const to = await recipient();
    for (const by of [here.rita, rosa]) await give(order(by, to));
    await here.stopSequencing();
    expect(await codeOf(exported(to))).toBe('event_not_sequenced');
    await here.sequence();
    await exported(to);
    const { event } = await here.test.database.client.auditEntry.findFirstOrThrow({
      where: { action: 'root.exported' },
      orderBy: { index: 'desc' },
    });
    expect(JSON.parse(event)).toMatchObject({
      resource: { kind: 'project', id: here.projectId },
      details: { recipient: to.sha256, people: ['rita', 'rosa'], versions: [1, 2] },
    });
  });

  it('of another organisation’s project is refused when it is ordered', async () => {
    const { client } = here.test.database;
    const organization = await client.organization.create({ data: { name: 'globex' } });
    const data = { name: 'secrets', organizationId: organization.id };
    const { id } = await client.project.create({ data });
    const to = await recipient();
    // Rita is a reviewer of acme/vision: not of that project, and not by calling it hers.
    expect(await give(order(here.rita, to, { id, organization: 'globex', project: 'secrets' }))).toBe(
      'reviewer_out_of_scope',
    );
    expect(await give(order(here.rita, to, { id }))).toBe('root_export_unknown');
    expect(await codeOf(api.client.exportRoot(id, to.sha256))).toBe('root_export_not_ordered');
  });

  it('under an expired certificate is refused, when it is ordered and after', async () => {
    const to = await recipient();
    for (const by of [here.rita, rosa]) await give(order(by, to));
    here.clock.aheadMs = 15 * DAY_MS;
    const late = [await codeOf(exported(to)), await give(order(here.officer, to))];
    here.clock.aheadMs = 0;
    expect(late).toEqual(['recipient_not_valid_now', 'recipient_not_valid_now']);
  });

  it('is nothing that jobs or a worker may ask for', async () => {
    for (const role of ['jobs', 'worker', 'gateway'] as const) {
      const { client } = await here.enroll(role);
      expect(await codeOf(client.exportRoot(here.projectId, 'ab'.repeat(32)))).toBe('peer_forbidden');
    }
  });
});

describe('importing them', () => {
  it('believes no other sender, no changed byte, and no certificate of another platform', async () => {
    const sound = await ordered(await recipient());
    expect(await codeOf(take(sound, 'ab'.repeat(32)))).toBe('root_package_untrusted');
    const flipped = Buffer.from(sound.ciphertext, 'base64');
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    const altered: ProjectRootPackage[] = [
      { ...sound, ciphertext: flipped.toString('base64') },
      { ...sound, header: sound.header.replace(here.project, 'other') },
      { ...sound, certificates: [await there.ca, sound.certificates[1]] },
    ];
    for (const each of altered) expect(await codeOf(take(each))).toBe('root_package_untrusted');
    const own = { ...sound, header: sound.header.replace('"version":1', '"version":1,"x":1') };
    expect(await codeOf(take(own))).toBe('root_package_malformed');
    const elsewhere = await ordered(await api.client.createRootRecipient(here.organizationId));
    expect(await codeOf(take(elsewhere))).toBe('root_recipient_unknown');
    expect(await keysThere()).toBe(0);
    expect(await there.actions()).toContain('root.import-refused');
  });

  it('is for the organisation of the same name, and for whom the certificate was made', async () => {
    const { id } = await there.test.database.client.organization.create({ data: { name: 'globex' } });
    const theirs = await ordered(await thereApi.client.createRootRecipient(id));
    const request = { package: theirs, sender: await sender() };
    expect(await codeOf(thereApi.client.importRoot(id, request))).toBe('root_organization_differs');
    expect(await codeOf(take(theirs))).toBe('root_recipient_unknown');
  });

  it('comes too late once the certificate has expired', async () => {
    const sound = await ordered(await recipient());
    there.clock.aheadMs = 15 * DAY_MS;
    const code = await codeOf(take(sound));
    there.clock.aheadMs = 0;
    expect(code).toBe('recipient_not_valid_now');
  });

  it('opens what was sealed elsewhere; new data goes under a key that the sender does not know', async () => {
    const to = await recipient();
    const copied = await rows();
    await destroy(destroyed);
    const sound = await ordered(to);
    imports = sound;
    const imported = await take(sound);
    await copy(copied);
    expect(imported).toMatchObject({ projectId: here.projectId, versions: [1, 2], current: 3 });
    const { keys } = await scanThere();
    expect(bytesOf(keys.get(version.dataKeyId))).toEqual(version.dataKey);
    expect(await codeOf(scanThere(destroyed))).toBe('key_unusable');
    expect(await thereApi.client.keyEncryptionKey(here.projectId)).toMatchObject({ version: 3 });
    expect(
      (await there.test.database.client.rootRecipient.findUniqueOrThrow({ where: { id: to.sha256 } }))
        .sealedPrivate,
    ).toHaveLength(0);

    // The same again does nothing; another package to the same certificate, and one for a project with keys, are refused.
    expect(await take(sound)).toEqual(imported);
    expect(await codeOf(take(await exported(to)))).toBe('root_recipient_spent');
    expect(await codeOf(take(await ordered(await recipient())))).toBe('project_has_keys');
    expect(await keysThere()).toBe(3);
  });

  it('brings nothing back when it is replayed after the keys were destroyed', async () => {
    const where = { id: destroyed.dataKeyId };
    await there.test.database.client.dataKey.update({ where, data: { destroyedAt: new Date() } });
    await thereJobs.client.rewrap({ projectId: here.projectId, limit: 100 });
    await thereApi.client.retireKek(here.projectId, 1);
    expect(await take(imports)).toMatchObject({ current: 3 });
    const first = { projectId_version: { projectId: here.projectId, version: 1 } };
    const retired = await there.test.database.client.keyEncryptionKey.findUniqueOrThrow({ where: first });
    expect(retired.sealedPrivate).toHaveLength(0);
    const { keys } = await scanThere();
    expect(bytesOf(keys.get(version.dataKeyId))).toEqual(version.dataKey);
  });
});

describe('a certificate', () => {
  it('is the platform authority’s word about an X25519 key, for a fortnight', async () => {
    const { certificate, sha256, validUntil } = await recipient();
    const read = readRecipientCertificate(certificate);
    expect(read).toMatchObject({ sha256, subject: 'CN=Castellan keys for acme' });
    expect(read.publicKey).toHaveLength(32);
    expect(Date.parse(validUntil) - Date.now()).toBeGreaterThan(13 * DAY_MS);
    expect(() => readRecipientCertificate('no certificate')).toThrow('can not be read');
  });
});
