import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessModule, Bootstrap } from '@castellan/access';
import { AuditModule } from '@castellan/audit';
import { FolderBlobStore } from '@castellan/blob-store';
import type {
  Answer,
  Budget,
  CredentialCreated,
  Dataset,
  Person,
  QueryPrice,
  QuestionPlan,
} from '@castellan/contracts';
import { DatabaseModule, testDatabase, type TestDatabase } from '@castellan/database';
import { generateKeyPair } from '@castellan/hpke';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { KeyEncryptionKeys, VaultModule } from '@castellan/vault';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import {
  BaseVersions,
  DatasetKeys,
  MeasurementModule,
  MeasurementRequests,
  MeasureEntry,
  PrivacyModule,
  privacyRules,
  TaskRequests,
  TrainedVersions,
  TrainingRequests,
  type OpenedTable,
} from './index.js';
import { wagePanelCsv, wagePanelDeclaration } from './testing/wage-panel.js';

class OneKeyEncryptionKey extends KeyEncryptionKeys {
  readonly #pair = generateKeyPair();
  override async current() {
    return { kekId: 'kek-1', version: 1, publicKey: this.#pair.publicKey };
  }
}

/** The sealing itself is tested elsewhere: here the fixture stands for what a release would open. */
@Injectable()
class FixtureKeys extends DatasetKeys {
  override async open(): Promise<OpenedTable> {
    return { bytes: await wagePanelCsv(), dispose: () => undefined };
  }
}

/** The queue's part: asks the measuring half of the same process. */
@Injectable()
class DirectRequests extends MeasurementRequests {
  static measure: MeasureEntry | undefined;
  override async request(entryId: string): Promise<void> {
    void DirectRequests.measure?.execute(entryId);
  }
}

@Injectable()
class NoTasks extends TaskRequests {
  override async request(): Promise<void> {
    // Nobody works on tasks here: what they make is tested beside them.
  }
}

/** It has changed no limit, and does nothing else. */
const unchanged = (_method: string, path: string) =>
  path === '/v1/budgets/raises'
    ? Promise.resolve({ raises: [] })
    : Promise.reject(new Error('there is no broker here'));
const broker = { provide: KeybrokerClient, useValue: new KeybrokerClient(unchanged) };
@Module({ providers: [broker], exports: [broker] })
class BrokerModule {}

/** Trainings are tested elsewhere. */
@Injectable()
class NoTrainings extends TrainingRequests {
  override async request(): Promise<void> {}
}

@Injectable()
class NoVersions extends TrainedVersions {
  override publish(): Promise<never> {
    return Promise.reject(new Error('nothing is trained here'));
  }
}

@Injectable()
class NoBases extends BaseVersions {
  override open(): Promise<never> {
    return Promise.reject(new Error('nothing is trained here'));
  }
}

@Module({})
class SpecModule {
  static around(test: TestDatabase, blobs: FolderBlobStore): DynamicModule {
    const vault = VaultModule.forRoot({ blobs, keyEncryptionKeys: new OneKeyEncryptionKey() });
    return {
      module: SpecModule,
      imports: [
        DatabaseModule.around(test.database),
        AccessModule.forRoot([privacyRules], { imports: [AuditModule] }),
        PrivacyModule.forRoot({
          imports: [AuditModule, vault, BrokerModule],
          measurementRequests: DirectRequests,
          taskRequests: NoTasks,
        }),
        MeasurementModule.forRoot({
          imports: [AuditModule, BrokerModule],
          keys: { provide: DatasetKeys, useClass: FixtureKeys },
          measurementRequests: DirectRequests,
          trainingRequests: NoTrainings,
          versions: { provide: TrainedVersions, useClass: NoVersions },
          bases: { provide: BaseVersions, useClass: NoBases },
          engine: { threads: 1, memoryLimitMb: 256 },
        }),
      ],
    };
  }
}

describe('protected datasets over HTTP', () => {
  let test: TestDatabase;
  let app: HttpApp;
  let folder: string;
  const keyOf: Record<string, string> = {};

  const call = (method: 'GET' | 'POST' | 'PUT', path: string, credential: string, body?: object) =>
    app.nest.inject({
      method,
      url: path,
      headers: credential.startsWith('castellan_session')
        ? { cookie: credential }
        : { authorization: `Bearer ${credential}` },
      ...(body && { payload: body }),
    });

  async function personKey(by: string, name: string, role: string): Promise<string> {
    const body = { name, displayName: name, roles: [{ role }] };
    const person = (await call('POST', '/api/v1/people', by, body)).json<Person>();
    const made = await call('POST', `/api/v1/people/${person.id}/credentials`, by, {
      kind: 'api_key',
      label: 'spec',
    });
    return made.json<CredentialCreated>().secret;
  }

  async function signIn(token: string): Promise<string> {
    const answer = await app.nest.inject({ method: 'POST', url: '/api/v1/session', payload: { token } });
    return /castellan_session=[^;]+/.exec(String(answer.headers['set-cookie']))?.[0] ?? '';
  }

  beforeAll(async () => {
    test = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'castellan-privacy-'));
    app = await createHttpApp(SpecModule.around(test, await FolderBlobStore.open(folder)), { logger: false });
    await app.listen({ port: 0 });
    DirectRequests.measure = app.nest.get(MeasureEntry, { strict: false });
    await test.database.client.keyEncryptionKey.create({
      data: { id: 'kek-1', projectId: randomUUID(), version: 1, sealedPrivate: new Uint8Array(1) },
    });
    await app.nest
      .get(Bootstrap, { strict: false })
      .execute(createHash('sha256').update('link').digest('hex'));
    const admin = await signIn('link');
    for (const role of ['steward', 'analyst', 'auditor', 'consumer'])
      keyOf[role] = await personKey(admin, role, role);
    const elsewhere = { name: 'elsewhere', admin: { name: 'eve', displayName: 'Eve' } };
    keyOf['stranger'] = await signIn(
      (await call('POST', '/api/v1/organizations', admin, elsewhere)).json().signInToken,
    );
  });
  afterAll(async () => {
    await app.close();
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  const as = (role: string) => keyOf[role] ?? '';
  const question = { sql: 'SELECT region, COUNT(*), SUM(amount) FROM wages GROUP BY region', epsilon: '0.5' };

  it('lives its whole life: declared, sealed, priced, asked, repeated, exhausted', async () => {
    const declared = await call('POST', '/api/v1/datasets', as('steward'), {
      project: 'default',
      name: 'wages',
      declaration: wagePanelDeclaration,
      epsilonLimit: '0.8',
    });
    expect(declared.statusCode).toBe(201);
    const { id } = declared.json<Dataset>();
    expect(
      (await call('POST', '/api/v1/datasets/wages/queries', as('analyst'), question)).json(),
    ).toMatchObject({
      code: 'dataset_not_sealed',
    });
    const sealed = await app.nest.inject({
      method: 'PUT',
      url: '/api/v1/datasets/wages/content',
      headers: { authorization: `Bearer ${as('steward')}`, 'content-type': 'text/csv' },
      payload: await wagePanelCsv(),
    });
    expect(sealed.json<Dataset>()).toMatchObject({ id, state: 'sealed', sizeBytes: 127_436 });
    const price = await call('POST', `/api/v1/datasets/${id}/price`, as('analyst'), question);
    expect(price.json<QueryPrice>()).toMatchObject({ epsilon: '0.5', remaining: '0.8', free: false });
    const asSql = { ...question, dialect: 'spark', table: ['lake', 'hr', 'wages`; --'] };
    const plan = await call('POST', `/api/v1/datasets/${id}/plan`, as('auditor'), asSql);
    expect(plan.json<QuestionPlan>()).toMatchObject({
      queries: [
        { of: 'sums', parameters: [], sql: expect.stringContaining('FROM `lake`.`hr`.`wages``; --`)') },
      ],
      measures: [{ name: 'm0', of: 'COUNT(*)' }, { name: 'm1' }],
    });
    const first = (
      await call('POST', `/api/v1/datasets/${id}/queries`, as('analyst'), question)
    ).json<Answer>();
    expect(first.rows).toHaveLength(4);
    const again = (
      await call('POST', '/api/v1/datasets/wages/queries', as('analyst'), question)
    ).json<Answer>();
    expect(again).toMatchObject({ charged: '0', rows: first.rows });
    const beyond = await call('POST', '/api/v1/datasets/wages/queries', as('analyst'), {
      ...question,
      epsilon: '0.4',
    });
    expect(beyond.json()).toMatchObject({ code: 'budget_exhausted', meta: { remaining: '0.3' } });
    expect(beyond.statusCode).toBe(429);
    const budget = (await call('GET', '/api/v1/datasets/wages/budget', as('auditor'))).json<Budget>();
    expect(budget).toMatchObject({ spent: '0.5', entries: [{ person: 'analyst', state: 'committed' }] });
  });

  it('names the clause that it refuses', async () => {
    const refused = await call('POST', '/api/v1/datasets/wages/queries', as('analyst'), {
      ...question,
      sql: 'SELECT region, COUNT(*) FROM wages GROUP BY region HAVING COUNT(*) > 5',
    });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'question_refused', meta: { clause: 'HAVING' } });
  });

  it.each([
    ['consumer', 'GET', '', 403],
    ['stranger', 'GET', '', 200],
    ['stranger', 'GET', '/wages', 404],
    ['steward', 'POST', '/wages/queries', 403],
    ['auditor', 'POST', '/wages/price', 403],
    ['analyst', 'POST', '', 403],
    ['stranger', 'POST', '/wages/plan', 404],
    ['nobody', 'GET', '/wages/budget', 401],
    ['stranger', 'GET', '/wages/denials', 404],
    ['analyst', 'GET', '/wages/tasks', 200],
    ['analyst', 'POST', '/wages/tasks', 403],
    ['auditor', 'POST', '/wages/tasks', 403],
    ['auditor', 'PUT', '/wages/classification', 403],
    ['stranger', 'GET', '/wages/tasks', 404],
  ] as const)('gives the %s nothing on %s /datasets%s', async (role, method, path, status) => {
    const body =
      method === 'GET'
        ? undefined
        : path.endsWith('tasks')
          ? { request: { kind: 'classify' } }
          : path.endsWith('classification')
            ? { columns: [{ name: 'region', kinds: [] }] }
            : { ...question, dialect: 'spark' };
    const answer = await call(method, `/api/v1/datasets${path}`, as(role), body);
    expect([answer.statusCode, answer.body.includes('person_id')]).toEqual([status, false]);
  });
});
