import { createHash, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  approvalPayload,
  policyPayload,
  readTrustDocument,
  reviewerCertificatePayload,
  revocationPayload,
  type RevocationTarget,
} from '@castellan/approval-policy';
import { CheckpointSigner, Sequencer, type CheckpointRequest, type Clock } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { DsseEnvelope } from '@castellan/contracts';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { mutualTlsFetch, peerCall, type MutualTlsFetch, type PeerCall } from '@castellan/http';
import { KeybrokerClient } from '@castellan/keybroker-client';
import type { KmsConfig } from '@castellan/kms';
import { createCsr } from '@castellan/pki';
import { dataKeyContext, wrapDataKey } from '@castellan/vault';
import { Signer } from './testing-signer.js';
import { startKeybroker, type KeybrokerSettings, type RunningKeybroker } from './start-keybroker.js';

export { Signer };

const PASSPHRASE = 'correct horse battery staple';
const roles = ['api', 'gateway', 'worker', 'jobs'] as const;
export type Role = (typeof roles)[number];

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
export const tokenOf = (role: Role) => `join token of ${role}`;

/** Time that a spec moves by hand; it goes on by itself otherwise. */
export class SteppedClock implements Clock {
  aheadMs = 0;
  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }
}

export type Launch = (settings: KeybrokerSettings) => Promise<RunningKeybroker>;

/** A process that has been let in by the broker. */
export interface Process {
  readonly client: KeybrokerClient;
  readonly call: PeerCall;
  readonly peer: string;
}

/** A version in the database, and the plain data key that only this spec knows. */
export interface SeededVersion {
  readonly id: string;
  readonly digest: string;
  readonly number: number;
  readonly dataKeyId: string;
  readonly dataKey: Buffer;
  readonly manifest: string;
}

export interface SeededDataset {
  readonly id: string;
  readonly dataKeyId: string;
  readonly dataKey: Buffer;
  /** The dataset's document. */
  readonly declaration: string;
}

/**
 * A broker over a real database and a folder of its own, with officers, reviewers and processes that really sign; the
 * sequencer runs as in `jobs`.
 */
export class BrokerScene implements AsyncDisposable {
  readonly officer = new Signer('olga');
  readonly rita = new Signer('rita');
  readonly clock = new SteppedClock();
  readonly organization = 'acme';
  readonly project = `vision-${randomUUID().slice(0, 8)}`;
  organizationId = '';
  projectId = '';
  readonly #fetches: MutualTlsFetch[] = [];
  readonly #stop = new AbortController();
  #sequencing: Promise<void> = Promise.resolve();
  #pause = new AbortController();

  private constructor(
    readonly test: TestDatabase,
    readonly folder: string,
    public broker: RunningKeybroker,
    private readonly settings: KeybrokerSettings,
    private readonly launch: Launch | undefined,
  ) {}

  static async open(
    changes: {
      releasesPerMinute?: number;
      leaseMs?: number;
      kms?: KmsConfig;
      /** Default: in this process. */
      launch?: Launch;
    } = {},
  ): Promise<BrokerScene> {
    const test = await testDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'castellan-keybroker-'));
    const officersFile = join(folder, 'officers.pem');
    const settings: KeybrokerSettings = {
      keybroker: {
        port: 0,
        host: '127.0.0.1',
        folder: join(folder, 'broker'),
        kmsPassphrase: PASSPHRASE,
        kmsFile: undefined,
        officersFile,
        joinTokens: Object.fromEntries(roles.map((role) => [role, sha256(tokenOf(role))])),
        leaseMs: changes.leaseMs ?? 3000,
        destructionWaitMs: 3_600_000,
        retentionMinima: { predictions: 183, access: 183, privacy: 1_096, governance: 3_653 },
        releasesPerMinute: changes.releasesPerMinute ?? 100_000,
      },
      database: { url: test.url, poolSize: 5 },
      ...(changes.kms && { kms: changes.kms }),
    };
    const scene = new BrokerScene(
      test,
      folder,
      undefined as unknown as RunningKeybroker,
      settings,
      changes.launch,
    );
    await writeFile(officersFile, `# ${scene.officer.name}\n${scene.officer.publicPem}`);
    await scene.start();
    await scene.#seedOrganization();
    return scene;
  }

  async start(): Promise<void> {
    this.broker = await (this.launch?.(this.settings) ??
      startKeybroker(this.settings, { clock: this.clock, proofTimeoutMs: 2_000, logger: false }));
  }

  get ca(): Promise<string> {
    return readFile(join(this.settings.keybroker.folder, 'public', 'ca.pem'), 'utf8');
  }

  /** Calls without a client certificate, or with one that the caller brings. */
  async connect(identity: { cert?: string; key?: string; ca?: string } = {}): Promise<PeerCall> {
    const fetch = mutualTlsFetch({ ca: await this.ca, expectRole: 'keybroker', ...identity });
    this.#fetches.push(fetch);
    return peerCall(fetch, this.broker.url);
  }

  async enroll(role: Role, name = 'main', token = tokenOf(role)): Promise<Process> {
    const { csrPem, privateKeyPem } = await createCsr(name);
    const stranger = await this.connect();
    const answer = (await stranger('POST', '/v1/enroll', { role, name, csr: csrPem, token })) as {
      certificate: string;
    };
    const call = await this.connect({ cert: answer.certificate, key: privateKeyPem });
    return { client: new KeybrokerClient(call), call, peer: `${role}/${name}` };
  }

  /** Runs the sequencer, as `jobs` does, until the scene closes. */
  async sequence(): Promise<void> {
    const { client } = await this.enroll('jobs', 'sequencer');
    const { logOrigin: origin, logVkey: vkey } = await client.trust();
    const signer = new RemoteSigner(client);
    const sequencer = new Sequencer(
      this.test.database,
      signer,
      { origin, vkey },
      { intervalMs: 10, retryMs: 50 },
    );
    this.#pause = new AbortController();
    this.#sequencing = sequencer.run(AbortSignal.any([this.#stop.signal, this.#pause.signal]));
  }

  /** The audit log goes down: events are still stored, but nobody sequences them. */
  async stopSequencing(): Promise<void> {
    this.#pause.abort();
    await this.#sequencing;
  }

  async actions(): Promise<string[]> {
    const db = this.test.database.client;
    const waiting = await db.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    const sequenced = await db.auditEntry.findMany({ orderBy: { index: 'asc' } });
    return [...sequenced, ...waiting].map(({ event }) => JSON.parse(event).action);
  }

  certificate(
    reviewer: Signer,
    changes: Partial<Parameters<typeof reviewerCertificatePayload>[0]> = {},
  ): Uint8Array {
    return reviewerCertificatePayload({
      keyId: reviewer.keyId,
      organization: this.organization,
      projects: [this.project],
      roles: ['reviewer'],
      person: reviewer.name,
      publicKey: reviewer.publicPem,
      notBefore: this.day(-1),
      notAfter: this.day(365),
      serial: randomUUID(),
      ...changes,
    });
  }

  policy(version = 1, changes: Partial<Parameters<typeof policyPayload>[0]> = {}): Uint8Array {
    return policyPayload({
      organization: this.organization,
      project: this.project,
      version,
      quorum: [{ role: 'reviewer', count: 1 }],
      gates: { scan: 'clean' },
      approvalMaxAgeDays: 90,
      ...changes,
    });
  }

  decision(
    version: SeededVersion,
    policy: DsseEnvelope,
    person: string,
    changes: Partial<Parameters<typeof approvalPayload>[1]> = {},
  ): Uint8Array {
    return approvalPayload(
      { name: `digits@${version.number}`, versionDigest: version.digest },
      {
        decision: 'approve',
        organization: this.organization,
        project: this.project,
        person,
        policyDigest: readTrustDocument(policy).digest,
        evidence: [{ kind: 'scan', sha256: 'ab'.repeat(32), verdict: 'clean' }],
        reason: 'as claimed',
        issuedAt: this.day(0),
        expiresAt: this.day(30),
        nonce: randomUUID(),
        ...changes,
      },
    );
  }

  revocation(targetDigest: string, person: string, target: RevocationTarget = 'approval'): Uint8Array {
    const { organization, project } = this;
    const terms = { target, organization, project, person, reason: 'withdrawn', issuedAt: this.day(0) };
    return revocationPayload({ name: 'digits', sha256: targetDigest }, terms);
  }

  /** Puts a document into the database, as the api does, or as anybody does who can write rows. */
  async insertDocument(envelope: DsseEnvelope, kind = 'approval'): Promise<string> {
    const { digest, subjectSha256 } = readTrustDocument(envelope);
    const row = {
      digest,
      organizationId: this.organizationId,
      kind,
      subject: subjectSha256,
      submittedById: randomUUID(),
    };
    await this.test.database.client.trustDocument.create({
      data: { ...row, envelope: JSON.stringify(envelope) },
    });
    return digest;
  }

  /** Seals a version's data key and inserts its rows, as the api does when it publishes. */
  async seedVersion(api: Process, number = 1, author = 'anna'): Promise<SeededVersion> {
    const db = this.test.database.client;
    const model = await db.model.upsert({
      where: { organizationId_name: { organizationId: this.organizationId, name: 'digits' } },
      create: { organizationId: this.organizationId, projectId: this.projectId, name: 'digits' },
      update: {},
    });
    const file = { path: 'model.h5', sizeBytes: 1024, sha256: sha256(`weights ${number}`) };
    const manifest = canonicalize({
      format: 'castellan.manifest/v1',
      organization: this.organization,
      project: this.project,
      model: 'digits',
      number,
      author,
      createdAt: this.day(-1),
      files: [file],
    });
    const digest = sha256(manifest);
    const { id } = await db.version.create({
      data: {
        modelId: model.id,
        number,
        stage: 'candidate',
        authorId: randomUUID(),
        authorName: author,
        manifest,
        digest,
      },
    });
    const { dataKeyId, dataKey } = await this.seedDataKey(api, 'version', id);
    await db.versionFile.create({ data: { ...file, versionId: id, blobKey: `versions/${id}/a`, dataKeyId } });
    return { id, digest, number, dataKeyId, dataKey, manifest };
  }

  async seedDataset(api: Process, accounting?: 'zcdp'): Promise<SeededDataset> {
    const db = this.test.database.client;
    const { organization, project } = this;
    const declared = { accounting: accounting ?? 'pure' };
    const document = { organization, project, name: randomUUID(), declaration: declared };
    const declaration = canonicalize(document);
    const { id } = await db.dataset.create({
      data: {
        organizationId: this.organizationId,
        projectId: this.projectId,
        name: `sales-${randomUUID().slice(0, 8)}`,
        stewardId: randomUUID(),
        declaration,
        declarationDigest: sha256(declaration),
        state: 'declared',
      },
    });
    const { dataKeyId, dataKey } = await this.seedDataKey(api, 'dataset', id);
    await db.dataset.update({
      where: { id },
      data: {
        state: 'sealed',
        sha256: sha256('rows'),
        sizeBytes: 4n,
        blobKey: `datasets/${id}/a`,
        dataKeyId,
      },
    });
    return { id, dataKeyId, dataKey, declaration };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sequencing.catch(() => undefined);
    await Promise.all(this.#fetches.map((fetch) => fetch.close()));
    await this.broker.close();
    await this.test.close();
    await rm(this.folder, { recursive: true });
  }

  async seedDataKey(api: Process, kind: 'version' | 'dataset' | 'task', id: string) {
    const subject = { kind, id, project: this.projectId };
    const kek = await api.client.keyEncryptionKey(this.projectId);
    const dataKey = randomBytes(32);
    const wrapped = wrapDataKey(Buffer.from(kek.publicKey, 'base64'), subject, dataKey);
    const dataKeyId = randomUUID();
    const row = { id: dataKeyId, kekId: kek.kekId, context: dataKeyContext(subject), wrapped };
    await this.test.database.client.dataKey.create({ data: row });
    return { dataKeyId, dataKey };
  }

  async #seedOrganization(): Promise<void> {
    const db = this.test.database.client;
    this.organizationId = (await db.organization.create({ data: { name: this.organization } })).id;
    const project = await db.project.create({
      data: { name: this.project, organizationId: this.organizationId },
    });
    this.projectId = project.id;
  }

  day(days: number): string {
    return new Date(this.clock.now().getTime() + days * 86_400_000).toISOString();
  }
}

class RemoteSigner extends CheckpointSigner {
  constructor(private readonly client: KeybrokerClient) {
    super();
  }

  override sign({ oldSize, proof, checkpoint }: CheckpointRequest): Promise<string> {
    return this.client.signCheckpoint(oldSize, proof, checkpoint);
  }

  override last(): Promise<string | undefined> {
    return this.client.lastCheckpoint();
  }
}

/** The code of the error that a call fails with; `undefined` when it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** The reasons of a refused release. */
export async function reasonsOf(call: Promise<unknown>): Promise<string[]> {
  return call.then(
    () => ['released'],
    (error: { code?: string; meta?: { reasons?: { code: string }[] } }) =>
      error.meta?.reasons?.map(({ code }) => code) ?? [error.code ?? String(error)],
  );
}

export function bytesOf(key: KeyObject | undefined): Buffer {
  return key?.export() ?? Buffer.alloc(0);
}
