import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { AccessModule, newSecret, secretHash } from '@castellan/access';
import {
  type AuditEvent,
  AuditLog,
  AuditModule,
  AuditReader,
  CheckpointAuthority,
  CheckpointMemory,
  ExpiryAuthority,
  legalMinima,
  KeybrokerPersonKeys,
  type LogIdentity,
  Sequencer,
  systemClock,
} from '@castellan/audit';
import {
  CmsRequest,
  ExpiryPermitRequest,
  ForwardingKeyRequest,
  MakePersonKeyRequest,
  type OpenedPersonKeys,
  OpenPersonKeysRequest,
  type Role,
  type SealedPersonKey,
} from '@castellan/contracts';
import { DatabaseModule, testDatabase, type TestDatabase } from '@castellan/database';
import { exportPrivateKey, generateKeyPair } from '@castellan/hpke';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { type KeybrokerCall, KeybrokerClient } from '@castellan/keybroker-client';
import { CertificateAuthority, cmsSign, createCsr, type CmsSigner } from '@castellan/pki';
import { privacyRules } from '@castellan/privacy';
import { QueueModule } from '@castellan/queue';
import { registryRules } from '@castellan/registry';
import { servingRules } from '@castellan/serving';
import { NoteSigner } from '@castellan/signed-note';
import { Metrics } from '@castellan/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { ComplianceJobsModule, ComplianceModule } from '../compliance.module.js';
import { Watcher } from '../watching/watcher.js';
import { complianceRules } from '../compliance-rules.js';

class VolatileMemory extends CheckpointMemory {
  #note: string | undefined;
  override load = async () => this.#note;
  override save = async (note: string) => {
    this.#note = note;
  };
}

const retention = { retentionMinima: legalMinima };

/** The keybroker's wire as far as compliance speaks it; it really signs. */
class BrokerDouble {
  private constructor(
    readonly authority: CertificateAuthority,
    private readonly signer: CmsSigner,
    private readonly logSigner: NoteSigner,
    private readonly expiry: ExpiryAuthority,
  ) {}

  static async create(logSigner: NoteSigner, expiry: ExpiryAuthority): Promise<BrokerDouble> {
    const now = new Date();
    const authority = await CertificateAuthority.create({
      commonName: 'spec authority',
      ttlMs: 86_400_000,
      now,
    });
    const { csrPem, privateKeyPem } = await createCsr('spec exports');
    const certificatePem = authority.signExportSignerCsr(csrPem, { commonName: 'spec exports', now });
    return new BrokerDouble(authority, { certificatePem, privateKeyPem }, logSigner, expiry);
  }

  readonly call: KeybrokerCall = async (_method, path, body) => {
    if (path === '/v1/cms')
      return { cms: cmsSign(Buffer.from(CmsRequest.parse(body).content, 'base64'), this.signer, new Date()) };
    if (path === '/v1/forwarding-keys')
      return {
        key: createHmac('sha256', 'spec')
          .update(ForwardingKeyRequest.parse(body).targetId)
          .digest('base64url'),
      };
    if (path === '/v1/trust') {
      const nothing = { officers: [], policies: [], reviewerCertificates: [], revocations: [] };
      const [logOrigin, logVkey] = [this.logSigner.name, this.logSigner.verifierKey.toString()];
      return { logOrigin, logVkey, caPem: this.authority.certificatePem, ...nothing };
    }
    if (path === '/v1/person-keys') return this.people.make(MakePersonKeyRequest.parse(body).personId);
    if (path === '/v1/person-keys/open') return this.people.open(OpenPersonKeysRequest.parse(body).keys);
    if (path === '/v1/expiry-permits')
      return { permit: await this.expiry.permit(ExpiryPermitRequest.parse(body).leaves) };
    throw new Error(`not in this spec: ${path}`);
  };

  readonly people = new PeopleDouble();

  readonly client = new KeybrokerClient(this.call);
}

/** Keys of people; a private half counts as sealed when it is under the same person as it was made for. */
class PeopleDouble {
  readonly #made = new Map<string, string>();
  readonly erased = new Set<string>();

  make(personId: string): SealedPersonKey {
    const { publicKey, privateKey } = generateKeyPair();
    const sealedPrivate = exportPrivateKey(privateKey).toString('base64');
    this.#made.set(sealedPrivate, personId);
    return { personId, publicKey: Buffer.from(publicKey).toString('base64'), sealedPrivate };
  }

  open(keys: readonly SealedPersonKey[]): OpenedPersonKeys {
    const own = keys.filter(
      ({ personId, sealedPrivate }) =>
        this.#made.get(sealedPrivate) === personId && !this.erased.has(personId),
    );
    return {
      keys: own.map(({ personId, sealedPrivate }) => ({ personId, privateKey: sealedPrivate })),
    };
  }
}

@Module({})
class BrokerModule {}

@Module({})
class StandModule {
  static over(test: TestDatabase, keybroker: KeybrokerClient, networks: string[]): DynamicModule {
    const broker: DynamicModule = {
      module: BrokerModule,
      providers: [{ provide: KeybrokerClient, useValue: keybroker }],
      exports: [KeybrokerClient],
    };
    const personKeys = new KeybrokerPersonKeys(keybroker);
    const audit = AuditModule.opening(personKeys);
    const imports = [audit, broker, QueueModule.forRoot({ databaseUrl: test.url, redisUrl: undefined })];
    return {
      module: StandModule,
      imports: [
        DatabaseModule.around(test.database),
        AccessModule.forRoot([complianceRules, registryRules, servingRules, privacyRules], {
          imports: [audit],
          personKeys,
        }),
        ComplianceModule.forRoot({ imports, retention }),
        ComplianceJobsModule.forRoot({
          imports,
          forwarding: { networks },
          metrics: new Metrics('spec'),
          retention,
        }),
      ],
    };
  }
}

/** Compliance on a real port and a real database, over a log that is really signed. For specs. */
export class ComplianceStand {
  readonly #stopping = new AbortController();

  private constructor(
    readonly test: TestDatabase,
    readonly log: AuditLog,
    readonly reader: AuditReader,
    private readonly double: BrokerDouble,
    readonly identity: LogIdentity,
    private readonly app: HttpApp,
    readonly url: string,
    private readonly sequencer: Sequencer,
  ) {}

  /** @param networks that events may be forwarded to, beside public ones */
  static async start(networks: string[] = []): Promise<ComplianceStand> {
    const test = await testDatabase();
    const signer = new NoteSigner('castellan.local/audit/spec', generateKeyPairSync('ed25519').privateKey);
    const memory = new VolatileMemory();
    const expiry = new ExpiryAuthority(test.database, signer, memory, legalMinima, systemClock);
    const broker = await BrokerDouble.create(signer, expiry);
    const app = await createHttpApp(StandModule.over(test, broker.client, networks), { logger: false });
    const { url } = await app.listen({ port: 0 });
    const authority = new CheckpointAuthority(signer, memory);
    const identity = { origin: signer.name, vkey: signer.verifierKey.toString() };
    const sequencer = new Sequencer(test.database, authority, identity);
    const [log, reader] = [new AuditLog(test.database), new AuditReader(test.database)];
    return new ComplianceStand(test, log, reader, broker, identity, app, url, sequencer);
  }

  /** Keys of people, as the keybroker would make, open and forget them. */
  get people(): PeopleDouble {
    return this.double.people;
  }

  get authority(): CertificateAuthority {
    return this.double.authority;
  }

  /** The keybroker's wire. */
  get broker(): KeybrokerCall {
    return this.double.call;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.app.close();
    await this.test.close();
  }

  /** So that a spec can watch by itself, a round at a time. */
  stopWatching(): Promise<void> {
    return this.app.nest.get(Watcher).beforeApplicationShutdown();
  }

  /** Records events and has them signed. */
  async record(events: readonly AuditEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.log.appendDurably(event)));
    while ((await this.sequencer.round()) > 0);
  }

  /** An API key of a new person with these roles in the organization. */
  async key(organizationId: string, ...roles: Role[]): Promise<string> {
    const { client } = this.test.database;
    const name = `org-${organizationId.slice(-8)}`;
    await client.organization.upsert({
      where: { id: organizationId },
      create: { id: organizationId, name },
      update: {},
    });
    const secret = newSecret('api_key');
    await client.person.create({
      data: {
        organizationId,
        name: `p-${randomUUID().slice(0, 8)}`,
        displayName: 'Somebody',
        bindings: { create: roles.map((role) => ({ role })) },
        credentials: {
          create: { kind: 'api_key', secretHash: secretHash(secret), label: 'spec', deployments: [] },
        },
      },
    });
    return secret;
  }

  call(key: string, method: string, path: string, json?: unknown): Promise<Response> {
    return fetch(new URL(path, `${this.url}/api/v1/audit/`), {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  }
}
