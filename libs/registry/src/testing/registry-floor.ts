import { createHash, createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessModule, Bootstrap, S3Secrets } from '@castellan/access';
import { AuditModule } from '@castellan/audit';
import { FolderBlobStore } from '@castellan/blob-store';
import type { CredentialCreated, Person, Version } from '@castellan/contracts';
import { DatabaseModule, testDatabase, type TestDatabase } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { generateKeyPair } from '@castellan/hpke';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { KeyEncryptionKeys, unsealFile, unwrapDataKey, VaultModule } from '@castellan/vault';
import { type Abstract, type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';
import { RegistryModule, registryRules, ScanRequests, VersionStore, type RegistryConfig } from '../index.js';
import { showFile } from '../versions/show-version.js';

class OneKeyEncryptionKey extends KeyEncryptionKeys {
  constructor(
    private readonly publicKey: Uint8Array,
    private readonly isDown: () => boolean,
  ) {
    super();
  }

  override async current() {
    if (this.isDown()) throw keyStoreDown();
    return { kekId: 'kek-1', version: 1, publicKey: this.publicKey };
  }
}

/** As the keybroker passes it on. */
function keyStoreDown(): CastellanError {
  const publicDetail = 'The key store does not answer.';
  return new CastellanError({ code: 'kms_unavailable', kind: 'unavailable', publicDetail });
}

@Injectable()
class NoScans extends ScanRequests {
  override async request(): Promise<void> {}
}

/** As the keybroker derives them, from another key. */
class OwnS3Secrets extends S3Secrets {
  override async of(credentialId: string): Promise<string> {
    return createHmac('sha256', 'floor').update(credentialId).digest('base64url');
  }
}

@Module({})
class BrokerModule {}

@Module({})
class FloorModule {}

const asksNothing = new KeybrokerClient((_method, path) =>
  Promise.reject(new Error(`not in this spec: ${path}`)),
);

/**
 * The registry with real HTTP, PostgreSQL and blobs, that can be stopped and started again on what it left: the data keys
 * of its memory are gone then, as after a crash. The private half of the key-encryption key is the spec's.
 */
export class RegistryFloor {
  app!: HttpApp;
  url = '';
  author = '';
  admin = '';
  keyStoreIsDown = false;
  readonly #pair = generateKeyPair();

  private constructor(
    readonly test: TestDatabase,
    readonly folder: string,
    readonly blobs: FolderBlobStore,
    private readonly config: RegistryConfig,
  ) {}

  static async start(
    config: RegistryConfig = { uploadsKeptHours: 1, garbageWaitHours: 1 },
  ): Promise<RegistryFloor> {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-registry-'));
    const blobs = await FolderBlobStore.open(folder);
    const floor = new RegistryFloor(await testDatabase(), folder, blobs, config);
    await floor.open();
    await floor.#settle();
    return floor;
  }

  async open(): Promise<void> {
    this.app = await createHttpApp(this.#module(), { logger: false });
    ({ url: this.url } = await this.app.listen({ port: 0 }));
  }

  /** Another process over the same database and store: whatever the first held in memory is gone. */
  async restart(): Promise<void> {
    await this.app.close({ graceMs: 0 });
    await this.open();
  }

  async close(): Promise<void> {
    await this.app.close({ graceMs: 0 });
    await this.test.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  get<T>(token: Type<T> | Abstract<T>): T {
    return this.app.nest.get(token, { strict: false });
  }

  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, credential: string, body?: object) {
    return this.app.nest.inject({
      method,
      url: path,
      headers: headersOf(credential),
      ...(body && { payload: body }),
    });
  }

  async startVersion(): Promise<Version> {
    return (await this.call('POST', '/api/v1/models/digits/versions', this.author)).json();
  }

  /** A stored file's plaintext, opened from the rows as a process with released keys does. */
  async plaintext(versionId: string, path: string): Promise<Buffer> {
    const version = await this.get(VersionStore).byId(versionId);
    const file = version?.files.find((each) => each.path === path);
    if (version == null || file === undefined) throw new Error(`no file ${path}`);
    const { projectId } = version.model;
    const keyed = async ({ blobKey, dataKeyId }: { blobKey: string; dataKeyId: string }) => {
      const { wrapped } = await this.test.database.client.dataKey.findUniqueOrThrow({
        where: { id: dataKeyId },
      });
      const subject = { kind: 'version', id: versionId, project: projectId } as const;
      return { blobKey, dataKeyId, key: unwrapDataKey(this.#pair.privateKey, subject, wrapped) };
    };
    const [first, ...further] = await Promise.all([file, ...file.further].map(keyed));
    if (first === undefined) throw new Error('a file has a first segment');
    const expected = showFile(file);
    return (await unsealFile({ store: this.blobs, ...first, further, path, expected })).bytes;
  }

  async personKey(name: string, role: string): Promise<string> {
    const person = await this.call('POST', '/api/v1/people', this.admin, {
      name,
      displayName: name,
      roles: [{ role }],
    });
    const path = `/api/v1/people/${person.json<Person>().id}/credentials`;
    const made = await this.call('POST', path, this.admin, { kind: 'api_key', label: 'spec' });
    return made.json<CredentialCreated>().secret;
  }

  async #settle(): Promise<void> {
    await this.test.database.client.keyEncryptionKey.create({
      data: { id: 'kek-1', projectId: randomUUID(), version: 1, sealedPrivate: new Uint8Array(1) },
    });
    const link = createHash('sha256').update('first link').digest('hex');
    await this.get(Bootstrap).execute(link);
    const answer = await this.call('POST', '/api/v1/session', '', { token: 'first link' });
    this.admin = /castellan_session=[^;]+/.exec(String(answer.headers['set-cookie']))?.[0] ?? '';
    this.author = await this.personKey('ada', 'author');
    await this.call('POST', '/api/v1/models', this.author, { project: 'default', name: 'digits' });
  }

  #module(): DynamicModule {
    const broker: DynamicModule = {
      module: BrokerModule,
      providers: [{ provide: KeybrokerClient, useValue: asksNothing }],
      exports: [KeybrokerClient],
    };
    const keyEncryptionKeys = new OneKeyEncryptionKey(this.#pair.publicKey, () => this.keyStoreIsDown);
    const vault = VaultModule.forRoot({ blobs: this.blobs, keyEncryptionKeys });
    return {
      module: FloorModule,
      imports: [
        DatabaseModule.around(this.test.database),
        AccessModule.forRoot([registryRules], { imports: [AuditModule], s3Secrets: new OwnS3Secrets() }),
        RegistryModule.forRoot({
          imports: [AuditModule, vault, broker],
          scanRequests: NoScans,
          config: this.config,
        }),
      ],
    };
  }
}

export function headersOf(credential: string): Record<string, string> {
  if (credential === '') return {};
  return credential.startsWith('castellan_session')
    ? { cookie: credential }
    : { authorization: `Bearer ${credential}` };
}
