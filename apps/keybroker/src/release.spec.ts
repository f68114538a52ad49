import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalize } from '@castellan/canonical-json';
import { requestKeys } from '@castellan/keybroker-client';
import { NoteSigner, signNote } from '@castellan/signed-note';
import { leafHash } from '@castellan/merkle-log';
import type { DsseEnvelope } from '@castellan/contracts';
import {
  bytesOf,
  BrokerScene,
  codeOf,
  reasonsOf,
  Signer,
  type Process,
  type SeededVersion,
} from './testing.js';

let scene: BrokerScene;
let api: Process;
let worker: Process;
let jobs: Process;
let policy: DsseEnvelope;

beforeAll(async () => {
  scene = await BrokerScene.open();
  api = await scene.enroll('api');
  worker = await scene.enroll('worker', 'cpu-0');
  jobs = await scene.enroll('jobs');
  await scene.sequence();
  policy = scene.officer.sign(scene.policy());
  await api.client.honour(policy);
  await api.client.honour(scene.officer.sign(scene.certificate(scene.rita)));
});
afterAll(() => scene[Symbol.asyncDispose]());

let lastNumber = 0;
const newVersion = (author?: string) => scene.seedVersion(api, ++lastNumber, author);
const subject = ({ id }: { id: string }) => ({ kind: 'version' as const, id });

async function approve(version: SeededVersion, by: Signer = scene.rita): Promise<string> {
  const envelope = by.sign(scene.decision(version, policy, by.name));
  await api.client.honour(envelope);
  return scene.insertDocument(envelope);
}

function serve(version: { id: string }, by: Process = worker) {
  return requestKeys(by.client, {
    purpose: 'serve',
    subject: subject(version),
    deployment: 'digits',
    peer: by.peer,
  });
}

describe('a version with the approvals that its policy asks for', () => {
  it('has its key released to a worker, and to nobody who can not open it', async () => {
    const version = await newVersion();
    await approve(version);
    const { release, keys } = await serve(version);
    expect(release).toMatchObject({
      manifest: version.manifest,
      versionDigest: version.digest,
      files: [{ path: 'model.h5', dataKeyId: version.dataKeyId, blobKey: `versions/${version.id}/a` }],
    });
    expect(bytesOf(keys.get(version.dataKeyId)).equals(version.dataKey)).toBe(true);
    expect(JSON.stringify(release)).not.toContain(version.dataKey.toString('base64'));
    await expect(
      requestKeys(worker.client, { purpose: 'serve', subject: subject(version), peer: 'worker/other' }),
    ).rejects.toMatchObject({ code: 'hpke_open_failed' });
  });

  it('is recorded in the log, with the grounds, before the key leaves', async () => {
    const version = await newVersion();
    const approval = await approve(version);
    await serve(version);
    const rows = await scene.test.database.client.auditEntry.findMany({ where: { resourceId: version.id } });
    const events = rows.map(({ event }) => JSON.parse(event));
    expect(events).toEqual([
      expect.objectContaining({
        action: 'key.released',
        decision: 'allow',
        organizationId: scene.organizationId,
        actor: expect.objectContaining({ kind: 'process', id: 'worker/cpu-0' }),
        resource: { kind: 'version', id: version.id, digest: version.digest },
        details: expect.objectContaining({ purpose: 'serve', deployment: 'digits', approvals: [approval] }),
      }),
    ]);
  });

  it('has its key released to be trained on under the very same approvals, and to jobs alone', async () => {
    const version = await newVersion();
    const train = (by: Process) =>
      requestKeys(by.client, { purpose: 'train', subject: subject(version), peer: by.peer });
    expect(await reasonsOf(train(jobs))).toEqual(['approval_missing']);
    const approval = await approve(version);
    expect(await reasonsOf(train(worker))).toEqual(['purpose_not_permitted']);
    const { keys, release } = await train(jobs);
    expect(bytesOf(keys.get(version.dataKeyId)).equals(version.dataKey)).toBe(true);
    expect(release.manifest).toBe(version.manifest);
    const rows = await scene.test.database.client.auditEntry.findMany({ where: { resourceId: version.id } });
    expect(rows.map(({ event }) => JSON.parse(event)).at(-1)).toMatchObject({
      action: 'key.released',
      details: { purpose: 'train', approvals: [approval] },
    });
    await api.client.honour(scene.rita.sign(scene.revocation(version.digest, 'rita', 'version')));
    expect(await reasonsOf(train(jobs))).toContain('version_revoked');
  });

  it('is evaluated the same without a release', async () => {
    const version = await newVersion();
    expect(await api.client.evaluate(version.id)).toMatchObject({
      allowed: false,
      versionDigest: version.digest,
      reasons: [{ code: 'approval_missing' }],
    });
    const digest = await approve(version);
    expect(await api.client.evaluate(version.id)).toMatchObject({
      allowed: true,
      reasons: [],
      approvals: [{ digest, person: 'rita', role: 'reviewer' }],
    });
  });
});

describe('digest trees', () => {
  const report = (version: SeededVersion, changes: object = {}) =>
    canonicalize({
      format: 'castellan.scan/v1',
      scanner: 'castellan-engine/1',
      versionDigest: version.digest,
      detectedFormat: 'keras-h5',
      verdict: 'clean',
      findings: [],
      scannedFiles: ['model.h5'],
      digests: ['sha256', 'sha256Tree'],
      scannedAt: scene.day(0),
      ...changes,
    });
  /** A version whose approval names `signed`, while the database has `stored` under that digest. */
  async function approved(changes: object, stored?: (text: string) => string) {
    const version = await newVersion();
    const text = report(version, changes);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const row = { versionId: version.id, report: stored?.(text) ?? text, digest: sha256, verdict: 'clean' };
    await scene.test.database.client.scanReport.create({ data: row });
    const evidence = [{ kind: 'scan', sha256, verdict: 'clean' }];
    const envelope = scene.rita.sign(scene.decision(version, policy, 'rita', { evidence }));
    await api.client.honour(envelope);
    await scene.insertDocument(envelope);
    return version;
  }

  const same = (text: string) => text;

  it('are attested by approvals that rest on a scan which compared them', async () => {
    expect((await serve(await approved({}))).release.treesAttested).toBe(true);
  });

  it.each<[string, object, (text: string) => string]>([
    ['compared nothing', { digests: [] }, same],
    ['compared only the plain digest', { digests: ['sha256'] }, same],
    ['found something', { verdict: 'findings' }, same],
    ['is about another version', { versionDigest: 'ab'.repeat(32) }, same],
    [
      'somebody edited in the database',
      { digests: ['sha256'] },
      (text) => text.replace('"sha256"', '"sha256","sha256Tree"'),
    ],
    ['somebody put garbage in place of', {}, () => '{'],
  ])('are not attested by a report that %s', async (_what, changes, stored) => {
    expect((await serve(await approved(changes, stored))).release.treesAttested).toBe(false);
  });

  it('are not attested by an approval whose report nobody has', async () => {
    const version = await newVersion();
    await approve(version);
    expect((await serve(version)).release.treesAttested).toBe(false);
  });
});

describe('somebody who can write any row of the database', () => {
  it('gets nothing with an approval that nobody signed', async () => {
    const version = await newVersion();
    const mallory = new Signer('mallory');
    await scene.insertDocument(mallory.sign(scene.decision(version, policy, 'mallory')));
    const asRita = mallory.sign(scene.decision(version, policy, 'rita'));
    const stolen = { ...asRita, signatures: [{ ...asRita.signatures[0]!, keyid: scene.rita.keyId }] };
    await scene.insertDocument(stolen);
    expect(await reasonsOf(serve(version))).toEqual([
      'signature_invalid',
      'reviewer_untrusted',
      'quorum_not_met',
    ]);
  });

  it('gets nothing with a made-up reviewer', async () => {
    const version = await newVersion();
    const mallory = new Signer('mallory');
    await scene.insertDocument(mallory.sign(scene.certificate(mallory)), 'reviewer-certificate');
    await scene.insertDocument(mallory.sign(scene.decision(version, policy, 'mallory')));
    expect(await reasonsOf(serve(version))).toEqual(['reviewer_untrusted', 'quorum_not_met']);
  });

  it('gets nothing with a reviewer certificate or a policy that an officer signed but the broker never honoured', async () => {
    const version = await newVersion();
    const sleeper = new Signer('sleeper');
    await scene.insertDocument(scene.officer.sign(scene.certificate(sleeper)), 'reviewer-certificate');
    await scene.insertDocument(sleeper.sign(scene.decision(version, policy, 'sleeper')));
    await scene.insertDocument(scene.officer.sign(scene.policy(99, { gates: {} })), 'policy');
    expect(await reasonsOf(serve(version))).toEqual(['reviewer_untrusted', 'quorum_not_met']);
  });

  it('gets nothing with an approval under another version’s subject', async () => {
    const [approved, other] = [await newVersion(), await newVersion()];
    const envelope = scene.rita.sign(scene.decision(approved, policy, 'rita'));
    const digest = await scene.insertDocument(envelope);
    await scene.test.database.client.trustDocument.update({
      where: { digest },
      data: { subject: other.digest },
    });
    expect(await reasonsOf(serve(other))).toEqual(['approval_for_other_digest', 'quorum_not_met']);
  });

  it('gets nothing with the stage "approved", another author, or junk in the approvals', async () => {
    const version = await newVersion('rita');
    await approve(version);
    const db = scene.test.database.client;
    await db.version.update({ where: { id: version.id }, data: { stage: 'approved', authorName: 'anna' } });
    const junk = {
      organizationId: scene.organizationId,
      kind: 'approval',
      subject: version.digest,
      submittedById: version.id,
    };
    await db.trustDocument.create({ data: { ...junk, digest: 'junk', envelope: '{"payload":7}' } });
    expect((await reasonsOf(serve(version))).sort()).toEqual([
      'author_may_not_review',
      'document_malformed',
      'quorum_not_met',
    ]);
  });

  it('gets nothing with an edited manifest, or files that the manifest does not name', async () => {
    const version = await newVersion();
    await approve(version);
    const db = scene.test.database.client;
    await db.versionFile.updateMany({ where: { versionId: version.id }, data: { sha256: 'ee'.repeat(32) } });
    expect(await reasonsOf(serve(version))).toEqual(['files_mismatch']);
    const manifest = version.manifest.replace('anna', 'other');
    await db.version.update({ where: { id: version.id }, data: { manifest } });
    expect(await reasonsOf(serve(version))).toEqual(['manifest_mismatch']);
  });

  it('gets no other version’s key by pointing an approved version’s file at it', async () => {
    const [approved, secret] = [await newVersion(), await newVersion()];
    await approve(approved);
    const db = scene.test.database.client;
    await db.versionFile.updateMany({
      where: { versionId: approved.id },
      data: { dataKeyId: secret.dataKeyId },
    });
    expect(await codeOf(serve(approved))).toBe('key_unusable');
    await db.dataKey.update({
      where: { id: secret.dataKeyId },
      data: { context: canonicalize({ id: approved.id, kind: 'version', project: scene.projectId }) },
    });
    expect(await codeOf(serve(approved))).toBe('key_unusable');
  });

  it('gets no key through a key-encryption key that was moved or changed', async () => {
    const version = await newVersion();
    await approve(version);
    const db = scene.test.database.client;
    const [kek] = await db.keyEncryptionKey.findMany({ where: { projectId: scene.projectId } });
    const other = await db.project.create({ data: { name: 'other', organizationId: scene.organizationId } });
    await db.keyEncryptionKey.update({ where: { id: kek!.id }, data: { projectId: other.id } });
    await scene.broker.close();
    await scene.start();
    const afterRestart = await scene.enroll('api', 'again');
    expect(await codeOf(afterRestart.client.keyEncryptionKey(other.id))).toBe('key_unusable');
    await db.keyEncryptionKey.update({ where: { id: kek!.id }, data: { projectId: scene.projectId } });
  });

  it('brings nothing back by deleting the row of a revocation or a rejection', async () => {
    worker = await scene.enroll('worker', 'cpu-0');
    api = await scene.enroll('api');
    jobs = await scene.enroll('jobs');
    await scene.stopSequencing();
    await scene.sequence();
    const [revoked, rejected] = [await newVersion(), await newVersion()];
    const approval = await approve(revoked);
    await approve(rejected);
    await api.client.honour(scene.rita.sign(scene.revocation(approval, 'rita')));
    await api.client.honour(
      scene.rita.sign(scene.decision(rejected, policy, 'rita', { decision: 'reject' })),
    );
    await scene.test.database.client.trustDocument.deleteMany({ where: { kind: { not: 'approval' } } });
    expect(await reasonsOf(serve(revoked))).toEqual(['approval_revoked', 'quorum_not_met']);
    expect(await reasonsOf(serve(rejected))).toEqual(['version_rejected']);
  });
});

describe('the purpose of a release', () => {
  it('belongs to one role', async () => {
    const version = await newVersion();
    await approve(version);
    expect(await reasonsOf(serve(version, jobs))).toEqual(['purpose_not_permitted']);
    for (const purpose of ['scan', 'measure'] as const) {
      const asked = requestKeys(worker.client, { purpose, subject: subject(version), peer: worker.peer });
      expect(await reasonsOf(asked)).toEqual(['purpose_not_permitted']);
    }
  });

  it('scan opens a version before anybody has approved it, for jobs', async () => {
    const version = await newVersion();
    const { keys } = await requestKeys(jobs.client, {
      purpose: 'scan',
      subject: subject(version),
      peer: jobs.peer,
    });
    expect(bytesOf(keys.get(version.dataKeyId)).equals(version.dataKey)).toBe(true);
  });

  it('measure opens a sealed dataset, for jobs, and no version', async () => {
    const { id, dataKeyId, dataKey } = await scene.seedDataset(api);
    const asked = { purpose: 'measure', subject: { kind: 'dataset', id }, peer: jobs.peer } as const;
    const { keys } = await requestKeys(jobs.client, asked);
    expect(bytesOf(keys.get(dataKeyId)).equals(dataKey)).toBe(true);
    const version = { ...asked, subject: subject(await newVersion()) };
    expect(await reasonsOf(requestKeys(jobs.client, version))).toEqual(['purpose_not_permitted']);
    await scene.test.database.client.dataset.update({ where: { id }, data: { state: 'declared' } });
    expect(await reasonsOf(requestKeys(jobs.client, asked))).toEqual(['dataset_not_sealed']);
  });

  it('is nothing for subjects that do not exist or are not finalised', async () => {
    const version = await newVersion();
    expect(await codeOf(serve({ id: '00000000-0000-7000-8000-000000000000' }))).toBe('version_unknown');
    const blank = { manifest: null, digest: null };
    await scene.test.database.client.version.update({ where: { id: version.id }, data: blank });
    expect(await codeOf(serve(version))).toBe('version_not_finalized');
  });
});

describe('a lease', () => {
  it('is renewed while the approval holds, and ends when it is revoked', async () => {
    const version = await newVersion();
    const approval = await approve(version);
    const { release } = await serve(version);
    expect((await worker.client.renew(release.lease.id)).getTime()).toBeGreaterThan(Date.now());
    await api.client.honour(scene.rita.sign(scene.revocation(approval, 'rita')));
    expect(await reasonsOf(worker.client.renew(release.lease.id))).toEqual([
      'approval_revoked',
      'quorum_not_met',
    ]);
    expect(await codeOf(worker.client.renew(release.lease.id))).toBe('lease_unknown');
    expect(await scene.actions()).toContain('key.refused');
  });

  it('ends with the approval’s own time', async () => {
    const version = await newVersion();
    await approve(version);
    const { release } = await serve(version);
    scene.clock.aheadMs = 31 * 86_400_000;
    expect(await reasonsOf(worker.client.renew(release.lease.id))).toEqual([
      'approval_expired',
      'quorum_not_met',
    ]);
    scene.clock.aheadMs = 0;
  });

  it('is for the content that was released: pointing the row at approved content does not keep revoked weights alive', async () => {
    const { client } = scene.test.database;
    const [served, other] = [await newVersion(), await newVersion()];
    await approve(served);
    await approve(other);
    const { release } = await serve(served);
    const theirs = await client.version.findUniqueOrThrow({
      where: { id: other.id },
      include: { files: true },
    });
    await client.version.update({ where: { id: other.id }, data: { digest: null, manifest: null } });
    const { manifest, digest } = theirs;
    await client.version.update({ where: { id: served.id }, data: { manifest, digest } });
    for (const { path, sha256, sizeBytes } of theirs.files)
      await client.versionFile.updateMany({
        where: { versionId: served.id, path },
        data: { sha256, sizeBytes },
      });
    expect(await reasonsOf(worker.client.renew(release.lease.id))).toEqual(['content_changed']);
    expect(await codeOf(worker.client.renew(release.lease.id))).toBe('lease_unknown');
  });

  it('belongs to its holder', async () => {
    const version = await newVersion();
    await approve(version);
    const { release } = await serve(version);
    const other = await scene.enroll('worker', 'cpu-1');
    expect(await codeOf(other.client.renew(release.lease.id))).toBe('lease_unknown');
  });
});

describe('when the audit log is down', () => {
  it('no key leaves, and a refusal is still a refusal', async () => {
    const [approved, unapproved] = [await newVersion(), await newVersion()];
    await approve(approved);
    await scene.stopSequencing();
    expect(await codeOf(serve(approved))).toBe('event_not_sequenced');
    expect(await reasonsOf(serve(unapproved))).toEqual(['approval_missing']);
    await scene.sequence();
    expect(await codeOf(serve(approved))).toBeUndefined();
  });

  it('nor when somebody changes the event on its way into the log', async () => {
    const version = await newVersion();
    await approve(version);
    await scene.stopSequencing();
    const pending = codeOf(serve(version));
    const { id, event } = await waitingEvent(version);
    const changed = event.replace('"purpose":"serve"', '"purpose":"nothing"');
    await scene.test.database.client.auditOutbox.update({ where: { id }, data: { event: changed } });
    await scene.sequence();
    expect(await pending).toBe('release_unproven');
  });

  it('nor when somebody makes up a whole log in the database', async () => {
    const version = await newVersion();
    await approve(version);
    await scene.stopSequencing();
    const pending = codeOf(serve(version));
    const { id, event } = await waitingEvent(version);
    const { logOrigin } = await api.client.trust();
    const leaf = Buffer.from(leafHash(Buffer.from(event)));
    const ownKey = new NoteSigner(logOrigin, generateKeyPairSync('ed25519').privateKey);
    const note = signNote(`${logOrigin}\n1\n${leaf.toString('base64')}\n`, [ownKey]);
    const db = scene.test.database.client;
    await Promise.all([
      db.auditEntry.deleteMany(),
      db.auditTile.deleteMany(),
      db.auditCheckpoint.deleteMany(),
    ]);
    const row = {
      eventId: id,
      event,
      leafHash: leaf,
      occurredAt: new Date(),
      action: 'key.released',
      decision: 'allow',
    };
    await db.auditEntry.create({ data: { index: 0n, ...row } });
    await db.auditTile.create({ data: { level: 0, index: 0n, hashes: leaf } });
    await db.auditCheckpoint.create({ data: { size: 1n, note } });
    expect(await pending).toBe('release_unproven');
  });
});

/** The event of a release that waits to be sequenced. */
async function waitingEvent({ id }: SeededVersion): Promise<{ id: string; event: string }> {
  for (;;) {
    const rows = await scene.test.database.client.auditOutbox.findMany();
    const row = rows.find(({ event }) => event.includes('key.released') && event.includes(id));
    if (row !== undefined) return row;
  }
}
