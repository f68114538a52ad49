import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AccessModule, actorOf, Bootstrap } from '@castellan/access';
import { approvalPayload, readApproval, readTrustDocument } from '@castellan/approval-policy';
import {
  AuditLog,
  AuditModule,
  CheckpointAuthority,
  CheckpointMemory,
  Sequencer,
  type AuditEvent,
} from '@castellan/audit';
import { FolderBlobStore } from '@castellan/blob-store';
import { HonourRequest, type CredentialCreated, type Person, type Version } from '@castellan/contracts';
import { Database, DatabaseModule, testDatabase, type TestDatabase, type Tx } from '@castellan/database';
import { IN_TOTO_PAYLOAD_TYPE, signEnvelope } from '@castellan/dsse';
import { generateKeyPair } from '@castellan/hpke';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { NoteSigner } from '@castellan/signed-note';
import { KeyEncryptionKeys, SealedStore, VaultModule } from '@castellan/vault';
import { type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';
import {
  RegistryModule,
  registryRules,
  ScanRequests,
  ScanVersion,
  type VersionContents,
  VersionStore,
} from './index.js';
import { OpenUploads } from './versions/open-uploads.js';
import { VersionStorage } from './storage/version-storage.js';
import { StoreFile } from './versions/store-file.js';

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const weights = Buffer.from('PLAINTEXT-WEIGHTS-'.repeat(2000));
const reviewerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** The keybroker's wire: verifies nothing here, so that what this context itself refuses is seen. */
const keybroker = new KeybrokerClient(async (_method, path, body) => {
  if (path !== '/v1/documents') throw new Error(`not in this spec: ${path}`);
  const document = readTrustDocument(HonourRequest.parse(body).envelope);
  const { organization, project } = readApproval(document);
  return {
    kind: 'approval',
    digest: document.digest,
    subject: document.subjectSha256,
    organization,
    project,
  };
});

class OneKeyEncryptionKey extends KeyEncryptionKeys {
  readonly #pair = generateKeyPair();
  override async current() {
    return { kekId: 'kek-1', version: 1, publicKey: this.#pair.publicKey };
  }
}

@Injectable()
class RecordedScanRequests extends ScanRequests {
  static readonly asked: string[] = [];
  override async request(versionId: string): Promise<void> {
    RecordedScanRequests.asked.push(versionId);
  }
}

class VolatileMemory extends CheckpointMemory {
  #note: string | undefined;
  override load = async () => this.#note;
  override save = async (note: string) => {
    this.#note = note;
  };
}

@Module({})
class BrokerModule {}

@Module({})
class SpecModule {
  static around(test: TestDatabase, blobs: FolderBlobStore): DynamicModule {
    const broker: DynamicModule = {
      module: BrokerModule,
      providers: [{ provide: KeybrokerClient, useValue: keybroker }],
      exports: [KeybrokerClient],
    };
    const vault = VaultModule.forRoot({ blobs, keyEncryptionKeys: new OneKeyEncryptionKey() });
    return {
      module: SpecModule,
      imports: [
        DatabaseModule.around(test.database),
        AccessModule.forRoot([registryRules], { imports: [AuditModule] }),
        RegistryModule.forRoot({
          imports: [AuditModule, vault, broker],
          scanRequests: RecordedScanRequests,
          config: { uploadsKeptHours: 1, garbageWaitHours: 1 },
        }),
      ],
    };
  }
}

describe('the registry over HTTP', () => {
  let test: TestDatabase;
  let app: HttpApp;
  let folder: string;
  let url: string;
  let admin: string;
  let author: string;
  let reviewer: string;
  let stranger: string;
  const stop = new AbortController();

  beforeAll(async () => {
    test = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'castellan-registry-'));
    app = await createHttpApp(SpecModule.around(test, await FolderBlobStore.open(folder)), { logger: false });
    ({ url } = await app.listen({ port: 0 }));
    await test.database.client.keyEncryptionKey.create({
      data: { id: 'kek-1', projectId: randomUUID(), version: 1, sealedPrivate: new Uint8Array(1) },
    });
    const signer = new NoteSigner('castellan.local/audit/spec', generateKeyPairSync('ed25519').privateKey);
    const authority = new CheckpointAuthority(signer, new VolatileMemory());
    const identity = { origin: signer.name, vkey: signer.verifierKey.toString() };
    void new Sequencer(test.database, authority, identity).run(stop.signal);

    await app.nest.get(Bootstrap, { strict: false }).execute(sha256('first link'));
    const answer = await call('POST', '/api/v1/session', '', { token: 'first link' });
    admin = /castellan_session=[^;]+/.exec(String(answer.headers['set-cookie']))?.[0] ?? '';
    author = await personKey(admin, 'ada', 'author');
    reviewer = await personKey(admin, 'rita', 'reviewer');
    const other = await call('POST', '/api/v1/organizations', admin, {
      name: 'elsewhere',
      admin: { name: 'eve', displayName: 'Eve' },
    });
    const session = await call('POST', '/api/v1/session', '', { token: other.json().signInToken });
    stranger = /castellan_session=[^;]+/.exec(String(session.headers['set-cookie']))?.[0] ?? '';
    await call('POST', '/api/v1/models', author, { project: 'default', name: 'digits' });
  });
  afterAll(async () => {
    stop.abort();
    await app.close();
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  const headersOf = (credential: string) =>
    credential === ''
      ? {}
      : credential.startsWith('castellan_session')
        ? { cookie: credential }
        : { authorization: `Bearer ${credential}` };
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, credential: string, body?: object) =>
    app.nest.inject({ method, url: path, headers: headersOf(credential), ...(body && { payload: body }) });

  async function personKey(by: string, name: string, role: string): Promise<string> {
    const person = (
      await call('POST', '/api/v1/people', by, { name, displayName: name, roles: [{ role }] })
    ).json<Person>();
    const made = await call('POST', `/api/v1/people/${person.id}/credentials`, by, {
      kind: 'api_key',
      label: 'spec',
    });
    return made.json<CredentialCreated>().secret;
  }

  const start = async (): Promise<Version> =>
    (await call('POST', '/api/v1/models/digits/versions', author)).json();
  const put = (version: string, path: string, bytes: Buffer, credential = author) =>
    app.nest.inject({
      method: 'PUT',
      url: `/api/v1/versions/${version}/files/${path}`,
      headers: { ...headersOf(credential), 'content-type': 'application/json' },
      payload: bytes,
    });
  const blobsOf = (version: string) => readdir(join(folder, 'versions', version)).catch(() => []);
  const events = async (): Promise<AuditEvent[]> => {
    const [waiting, leaves] = [
      await test.database.client.auditOutbox.findMany(),
      await test.database.client.auditEntry.findMany(),
    ];
    // An event may become a leaf between the two looks.
    return [...new Set([...waiting, ...leaves].map(({ event }) => event))].map((event) => JSON.parse(event));
  };

  async function everyByteUnder(path: string): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const entry of await readdir(path, { recursive: true })) {
      const file = join(path, entry);
      if ((await stat(file)).isFile()) found.push(await readFile(file));
    }
    return found;
  }

  it('publishes a version: sealed on disk, its manifest fixed, a scan asked for, every step recorded', async () => {
    const version = await start();
    const stored = await put(version.id, 'weights/model.h5', weights);
    expect(stored.json()).toEqual({
      path: 'weights/model.h5',
      sizeBytes: weights.length,
      sha256: sha256(weights),
    });
    const finalized = (await call('POST', `/api/v1/versions/${version.id}/finalize`, author)).json<Version>();
    expect(finalized).toMatchObject({
      stage: 'quarantined',
      author: 'ada',
      model: 'digits',
      project: 'default',
    });
    expect(RecordedScanRequests.asked).toContain(version.id);

    const row = await test.database.client.version.findUniqueOrThrow({ where: { id: version.id } });
    expect(sha256(row.manifest ?? '')).toBe(finalized.digest);
    expect((await everyByteUnder(folder)).some((bytes) => bytes.includes('PLAINTEXT-WEIGHTS'))).toBe(false);
    const actions = (await events())
      .filter(({ resource }) => resource?.id === version.id)
      .map(({ action }) => action);
    expect(actions.toSorted()).toEqual(['version.file-stored', 'version.finalized', 'version.started']);
  });

  it('never changes a version that is finalised', async () => {
    const version = await start();
    await put(version.id, 'model.h5', weights);
    await call('POST', `/api/v1/versions/${version.id}/finalize`, author);
    expect((await put(version.id, 'model.h5', Buffer.from('other'))).json()).toMatchObject({
      code: 'version_not_uploading',
    });
    expect((await call('POST', `/api/v1/versions/${version.id}/finalize`, author)).statusCode).toBe(409);
    expect((await call('DELETE', `/api/v1/versions/${version.id}`, author)).statusCode).toBe(409);
    expect(await blobsOf(version.id)).toHaveLength(1);
  });

  it('replaces a file that is sent again before finalising, and keeps nothing of the first', async () => {
    const version = await start();
    await put(version.id, 'model.h5', Buffer.from('first'));
    await put(version.id, 'model.h5', Buffer.from('second'));
    expect(await blobsOf(version.id)).toHaveLength(1);
    const shown = (await call('GET', `/api/v1/versions/${version.id}`, author)).json<Version>();
    expect(shown.files).toEqual([{ path: 'model.h5', sizeBytes: 6, sha256: sha256('second') }]);
  });

  it('keeps nothing of an upload that is cut in the middle, and takes the file when it is sent again', async () => {
    const version = await start();
    await new Promise<void>((resolve) => {
      const cut = request(`${url}/api/v1/versions/${version.id}/files/model.h5`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${author}`, 'content-length': 10_000_000 },
      });
      cut.on('error', () => resolve());
      cut.write(weights, () => setTimeout(() => cut.destroy(new Error('cut')), 50));
    });
    for (let tries = 0; tries < 100 && (await blobsOf(version.id)).length > 0; tries++)
      await new Promise((r) => setTimeout(r, 20));
    expect(await blobsOf(version.id)).toEqual([]);
    expect((await call('GET', `/api/v1/versions/${version.id}`, author)).json<Version>().files).toEqual([]);
    expect((await put(version.id, 'model.h5', weights)).statusCode).toBe(200);
  });

  it.each([
    ['..%2Fescape', /"\.\." segments/],
    ['a%2F..%2Fb', /"\.\." segments/],
    ['%2Fetc%2Fpasswd', /relative path/],
    ['a//b', /relative path/],
    ['.', /the name of a file/],
    ['a%5Cb', /backslash/],
    ['a%0Ab', /control character/],
    ['h5.%E2%80%AEslexip', /direction of text/],
    ['a'.repeat(501), /at most 500/],
  ])('refuses the path %j and says what is wrong with it', async (path, why) => {
    const version = await start();
    const answer = await put(version.id, path, weights);
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'file_path_invalid',
      detail: expect.stringMatching(why),
    });
    expect(await blobsOf(version.id)).toEqual([]);
  });

  it('keeps a stored file whose record it does not hear of, for the record may be there', async () => {
    const version = await start();
    const { database } = test;
    class DiesInCommit extends Database {
      readonly client = database.client;
      #transactions = 0;
      override async transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
        const done = await database.transaction(fn);
        // The first one looks whether the version takes files; the second records the file.
        if (++this.#transactions === 2) throw new Error('no answer to COMMIT');
        return done;
      }
      override ping = () => database.ping();
      override close = () => Promise.resolve();
    }
    const get = <T>(token: Type<T>): T => app.nest.get(token, { strict: false });
    const store = new StoreFile(
      new DiesInCommit(),
      get(VersionStore),
      get(OpenUploads),
      get(SealedStore),
      get(VersionStorage),
      get(AuditLog),
    );
    const row = await get(VersionStore).byId(version.id);
    if (row === null) throw new Error('the version is there');
    const ada = actorOf(
      {
        personId: row.authorId,
        name: row.authorName,
        organizationId: row.model.organizationId,
        organizationName: 'castellan',
        roles: [],
        credentialId: randomUUID(),
        deployments: [],
      },
      [],
    );
    await expect(store.execute(ada, row, 'model.h5', { body: Readable.from([weights]) })).rejects.toThrow(
      'COMMIT',
    );
    const [file] = await test.database.client.versionFile.findMany({ where: { versionId: version.id } });
    expect(await blobsOf(version.id)).toEqual([`${file?.blobKey.split('/').at(-1) ?? ''}.blob`]);
  });

  it('gives up an upload with everything that was stored for it', async () => {
    const version = await start();
    await put(version.id, 'model.h5', weights);
    expect((await call('DELETE', `/api/v1/versions/${version.id}`, author)).statusCode).toBe(204);
    expect(await blobsOf(version.id)).toEqual([]);
    expect(await test.database.client.dataKey.count({ where: { context: { contains: version.id } } })).toBe(
      0,
    );
    expect((await call('GET', `/api/v1/versions/${version.id}`, author)).json()).toMatchObject({
      code: 'version_unknown',
    });
  });

  it('does not finalise nothing', async () => {
    const version = await start();
    expect((await call('POST', `/api/v1/versions/${version.id}/finalize`, author)).json()).toMatchObject({
      code: 'version_empty',
    });
  });

  it('numbers versions one after another, whoever starts them at once', async () => {
    const started = await Promise.all(Array.from({ length: 8 }, start));
    expect(new Set(started.map(({ number }) => number)).size).toBe(8);
  });

  it('shows a stranger nothing, and lets a reviewer publish nothing', async () => {
    const version = await start();
    for (const path of [
      '/api/v1/models/digits',
      '/api/v1/models/digits/versions',
      `/api/v1/versions/${version.id}`,
    ]) {
      expect((await call('GET', path, stranger)).statusCode).toBe(404);
    }
    expect((await call('GET', '/api/v1/models', stranger)).json()).toEqual({ models: [] });
    expect((await call('GET', '/api/v1/trust-documents', stranger)).json()).toEqual({ documents: [] });
    expect((await put(version.id, 'x', weights, stranger)).statusCode).toBe(404);
    expect((await put(version.id, 'x', weights, reviewer)).statusCode).toBe(403);
    expect((await call('POST', '/api/v1/models/digits/versions', reviewer)).statusCode).toBe(403);
    expect((await call('GET', '/api/v1/models', '')).statusCode).toBe(401);
  });

  describe('when a version was finalised', () => {
    let version: Version;
    beforeAll(async () => {
      version = await start();
      await put(version.id, 'model.h5', weights);
      version = (await call('POST', `/api/v1/versions/${version.id}/finalize`, author)).json();
    });

    const approval = (
      change: Partial<Parameters<typeof approvalPayload>[1]> = {},
      digest = version.digest ?? '',
    ) => {
      const payload = approvalPayload(
        { name: `digits@${version.number}`, versionDigest: digest },
        {
          decision: 'approve',
          organization: 'castellan',
          project: 'default',
          person: 'rita',
          policyDigest: sha256('policy'),
          evidence: [],
          reason: 'looks right',
          issuedAt: new Date().toISOString(),
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
          nonce: randomUUID(),
          ...change,
        },
      );
      return { envelope: signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, reviewerKey) };
    };

    it('records an approval once its event has a place in the log, and counts it once', async () => {
      const signed = approval();
      const first = await call('POST', '/api/v1/trust-documents', reviewer, signed);
      expect(first.statusCode).toBe(201);
      const leaf = await test.database.client.auditEntry.findFirst({
        where: { resourceId: first.json().digest },
      });
      expect(leaf?.action).toBe('document.recorded');
      const replayed = await call('POST', '/api/v1/trust-documents', reviewer, signed);
      expect(replayed.json()).toMatchObject({ status: 409, code: 'document_already_recorded' });
    });

    it('refuses an approval by the author, for another digest, and about another organisation', async () => {
      const submit = async (body: object) =>
        (await call('POST', '/api/v1/trust-documents', reviewer, body)).json();
      expect(await submit(approval({ person: 'ada' }))).toMatchObject({
        status: 403,
        code: 'author_may_not_review',
      });
      expect(await submit(approval({}, sha256('other')))).toMatchObject({
        status: 404,
        code: 'approval_for_unknown_version',
      });
      expect(await submit(approval({ organization: 'elsewhere' }))).toMatchObject({
        status: 403,
        code: 'document_out_of_organization',
      });
    });

    it('judges a quarantined version by its scan, once', async () => {
      const inspected: string[] = [];
      const contents: VersionContents = {
        inspect: async (id) => {
          inspected.push(id);
          return {
            format: 'keras',
            verdict: 'clean',
            findings: [],
            scannedFiles: ['model.h5'],
            digests: ['sha256', 'sha256Tree'],
            scanner: 'spec/1',
          };
        },
      };
      const { AuditLog } = await import('@castellan/audit');
      const scan = new ScanVersion(
        test.database,
        new VersionStore(test.database),
        contents,
        new AuditLog(test.database),
      );
      await scan.execute(version.id);
      await scan.execute(version.id);
      expect(inspected).toEqual([version.id]);
      const shown = (await call('GET', `/api/v1/versions/digits@${version.number}`, author)).json<Version>();
      expect(shown).toMatchObject({
        stage: 'candidate',
        format: 'keras',
        scan: { verdict: 'clean', findings: [] },
      });
      const report = await test.database.client.scanReport.findFirstOrThrow({
        where: { versionId: version.id },
      });
      expect(sha256(report.report)).toBe(shown.scan?.digest);
      expect(JSON.parse(report.report)).toMatchObject({ versionDigest: version.digest });
    });
  });
});
