import { createHash } from 'node:crypto';
import type { CredentialCreated, Person, RoleBinding } from '@castellan/contracts';
import {
  Database,
  DatabaseModule,
  PrismaDatabase,
  testDatabase,
  type TestDatabase,
} from '@castellan/database';
import { createHttpApp, Endpoint, type HttpApp } from '@castellan/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import {
  AccessClock,
  AccessModule,
  Bootstrap,
  CurrentActor,
  inScope,
  newSecret,
  visible,
  type AccessRules,
  type Actor,
} from './index.js';

const firstToken = 'whatever the supervisor made up';
const hour = 60 * 60 * 1000;

class TestClock extends AccessClock {
  shiftMs = 0;
  override now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }
}

const modelRules: AccessRules = (actor, can) => {
  const authors = inScope(actor, 'author');
  if (authors !== undefined) can('read', 'Model', authors);
  const callers = inScope(actor, 'consumer');
  if (callers !== undefined) can('predict', 'Deployment', callers);
};

/** Stands for another context: a list filtered by what the actor may see, and something a limited key may do. */
@Controller('test')
class OtherContextController {
  constructor(private readonly database: Database) {}

  @Get('models')
  @Endpoint({ permission: 'read:Model', summary: 'List' })
  async models(@CurrentActor() actor: Actor): Promise<string[]> {
    const rows = await this.database.client.model.findMany({ where: visible(actor, 'Model') });
    return rows.map(({ name }) => name);
  }

  @Get('deployments')
  @Endpoint({ permission: 'predict:Deployment', summary: 'List' })
  async deployments(@CurrentActor() actor: Actor): Promise<string[]> {
    const where = visible(actor, 'Deployment', 'predict');
    return (await this.database.client.deployment.findMany({ where })).map(({ name }) => name);
  }
}

@Module({})
class TestModule {
  static around(test: TestDatabase, clock: AccessClock): DynamicModule {
    const database = new PrismaDatabase({ url: test.url });
    return {
      module: TestModule,
      imports: [DatabaseModule.around(database), AccessModule.forRoot([modelRules], { clock })],
      controllers: [OtherContextController],
    };
  }
}

describe('access', () => {
  let test: TestDatabase;
  let app: HttpApp;
  const clock = new TestClock();
  let adminSession = '';

  beforeAll(async () => {
    test = await testDatabase();
    app = await createHttpApp(TestModule.around(test, clock), { logger: false });
    const tokenHash = createHash('sha256').update(firstToken).digest('hex');
    const bootstrap = app.nest.get(Bootstrap, { strict: false });
    const outcomes = await Promise.all([bootstrap.execute(tokenHash), bootstrap.execute(tokenHash)]);
    expect(outcomes.toSorted()).toEqual([false, true]);
    adminSession = await signIn(firstToken);
  });
  afterAll(async () => {
    await app.close();
    await test.close();
  });

  const call = (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    body?: object,
  ) => app.nest.inject({ method, url: url, headers, ...(body === undefined ? {} : { payload: body }) });
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const session = (secret: string) => ({ cookie: `castellan_session=${secret}` });
  const events = async (action: string) => {
    const rows = await test.database.client.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    return rows.map(({ event }) => JSON.parse(event)).filter((event) => event.action === action);
  };

  async function signIn(token: string, headers: Record<string, string> = {}): Promise<string> {
    const answer = await call('POST', '/api/v1/session', headers, { token });
    expect(answer.statusCode).toBe(200);
    return /castellan_session=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '';
  }

  async function enter(name: string, roles: RoleBinding[], asker = session(adminSession)): Promise<Person> {
    const answer = await call('POST', '/api/v1/people', asker, { name, displayName: name, roles });
    expect(answer.statusCode).toBe(201);
    return answer.json();
  }

  async function keyOf(
    personId: string,
    more: object = {},
    asker: Record<string, string> = session(adminSession),
  ): Promise<CredentialCreated> {
    const body = { kind: 'api_key', label: 'key', ...more };
    const answer = await call('POST', `/api/v1/people/${personId}/credentials`, asker, body);
    expect(answer.statusCode).toBe(201);
    return answer.json();
  }

  describe('when the platform starts for the first time', () => {
    it('makes organisation, project and administrator once, with its record', async () => {
      expect((await call('GET', '/api/v1/me', session(adminSession))).json()).toMatchObject({
        name: 'admin',
        organization: 'castellan',
        roles: [{ role: 'platform_admin' }, { role: 'admin' }],
      });
      expect((await call('GET', '/api/v1/projects', session(adminSession))).json().projects).toMatchObject([
        { name: 'default' },
      ]);
      expect(await events('platform.bootstrapped')).toHaveLength(1);
    });

    it('opens nothing with its token again', async () => {
      const again = await call('POST', '/api/v1/session', {}, { token: firstToken });
      expect([again.statusCode, again.json().code]).toEqual([401, 'credentials_invalid']);
      expect(await app.nest.get(Bootstrap, { strict: false }).execute('0'.repeat(64))).toBe(false);
    });
  });

  describe('when somebody shows a key', () => {
    it('takes it as a bearer and as a Basic password', async () => {
      const { id } = await enter('ann', [{ role: 'author' }]);
      const { secret } = await keyOf(id);
      const basic = Buffer.from(`anything:${secret}`).toString('base64');
      for (const authorization of [`Bearer ${secret}`, `bearer ${secret}`, `Basic ${basic}`]) {
        expect((await call('GET', '/api/v1/me', { authorization })).json()).toMatchObject({ name: 'ann' });
      }
    });

    it('answers the same to unknown, mistyped, expired and revoked keys and to a disabled owner', async () => {
      const { id } = await enter('bob', [{ role: 'author' }]);
      const expiring = await keyOf(id, { expiresInSeconds: 60 });
      const revoked = await keyOf(id);
      const owned = await keyOf(id);
      await call('DELETE', `/api/v1/credentials/${revoked.id}`, session(adminSession));
      expect((await call('GET', '/api/v1/me', bearer(expiring.secret))).statusCode).toBe(200);
      clock.shiftMs = 61_000;
      const attempts = [
        newSecret('api_key'),
        `${expiring.secret.slice(0, -1)}!`,
        expiring.secret,
        revoked.secret,
        '',
      ];
      const answers = await Promise.all(attempts.map((key) => call('GET', '/api/v1/me', bearer(key))));
      clock.shiftMs = 0;
      await call('POST', `/api/v1/people/${id}/disable`, session(adminSession));
      answers.push(await call('GET', '/api/v1/me', bearer(owned.secret)));
      const bodies = answers.map((answer) => ({ ...answer.json(), requestId: undefined }));
      expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
      expect(bodies[0]).toMatchObject({ status: 401, code: 'credentials_invalid' });
      expect((await events('access.refused')).length).toBeGreaterThanOrEqual(6);
    });

    it('says to somebody who shows nothing how to come in, and records nothing', async () => {
      const before = (await events('access.refused')).length;
      const answer = await call('GET', '/api/v1/me', {});
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'credentials_missing']);
      expect(await events('access.refused')).toHaveLength(before);
    });

    it('keeps no secret in the database nor in the log', async () => {
      const { id } = await enter('cleo', []);
      const { secret } = await keyOf(id);
      const rows = await test.database.client.$queryRaw<{ dump: string }[]>`
        SELECT coalesce(string_agg(c::text, ' '), '') || (SELECT string_agg(o::text, ' ') FROM "AuditOutbox" o) AS dump
          FROM "Credential" c`;
      expect(rows[0]?.dump).toContain('api_key');
      expect(rows[0]?.dump).not.toContain(secret.slice(4, 20));
    });

    it('does not take a session secret for a key, nor a key for a session', async () => {
      const { id } = await enter('dora', []);
      const { secret } = await keyOf(id);
      expect((await call('GET', '/api/v1/me', bearer(adminSession))).statusCode).toBe(401);
      expect((await call('GET', '/api/v1/me', session(secret))).statusCode).toBe(401);
    });

    it('does not let a bad key be made good by a cookie', async () => {
      const headers = { ...session(adminSession), ...bearer(newSecret('api_key')) };
      expect((await call('GET', '/api/v1/me', headers)).statusCode).toBe(401);
    });
  });

  describe('when a key is limited to deployments', () => {
    it('opens those and nothing else, whatever its owner may', async () => {
      const { id } = await enter('eve', [{ role: 'consumer' }, { role: 'admin' }]);
      await deploy('digits', 'wages');
      const limited = await keyOf(id, { deployments: ['digits'] });
      const free = await keyOf(id);
      expect((await call('GET', '/test/deployments', bearer(limited.secret))).json()).toEqual(['digits']);
      expect((await call('GET', '/test/deployments', bearer(free.secret))).json()).toEqual([
        'digits',
        'wages',
      ]);
      for (const [method, url] of [
        ['GET', '/api/v1/people'],
        ['GET', '/api/v1/me'],
        ['POST', `/api/v1/people/${id}/credentials`],
      ] as const) {
        const body = method === 'POST' ? { kind: 'api_key', label: 'escape' } : undefined;
        expect((await call(method, url, bearer(limited.secret), body)).statusCode).toBe(403);
      }
    });

    async function deploy(...names: string[]): Promise<void> {
      const { client } = test.database;
      const project = await client.project.findFirstOrThrow();
      const { organizationId, id: projectId } = project;
      const model = await client.model.create({ data: { organizationId, projectId, name: 'served' } });
      const version = await client.version.create({
        data: { modelId: model.id, number: 1, stage: 'candidate', authorId: 'x', authorName: 'x' },
      });
      for (const name of names) {
        await client.deployment.create({
          data: {
            organizationId,
            projectId,
            name,
            versionId: version.id,
            desired: 'running',
            createdById: 'x',
          },
        });
      }
    }
  });

  describe('when a key asks for another key', () => {
    it('gets none that outlives it', async () => {
      const { id } = await enter('fay', []);
      const short = await keyOf(id, { expiresInSeconds: 600 });
      const child = await keyOf(id, { expiresInSeconds: 100_000 }, bearer(short.secret));
      const endless = await keyOf(id, {}, bearer(short.secret));
      expect([child.expiresAt, endless.expiresAt]).toEqual([short.expiresAt, short.expiresAt]);
    });
  });

  describe('when somebody signs in', () => {
    const linkFor = async (id: string) => (await keyOf(id, { kind: 'sign_in_link', label: 'link' })).secret;

    it('sets a cookie that scripts and other sites cannot use', async () => {
      const { id } = await enter('gus', []);
      const answer = await call('POST', '/api/v1/session', {}, { token: await linkFor(id) });
      expect(String(answer.headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict/);
    });

    it('spends a link once, even at the same moment', async () => {
      const { id } = await enter('hal', []);
      const token = await linkFor(id);
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => call('POST', '/api/v1/session', {}, { token })),
      );
      expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 401, 401, 401]);
      expect((await events('session.refused')).length).toBeGreaterThanOrEqual(3);
    });

    it('makes a new session whatever cookie came along, and ends the old one', async () => {
      const { id } = await enter('ida', []);
      const planted = newSecret('session');
      const first = await signIn(await linkFor(id), session(planted));
      expect(first).not.toBe(planted);
      expect((await call('GET', '/api/v1/me', session(planted))).statusCode).toBe(401);
      const second = await signIn(await linkFor(id), session(first));
      expect((await call('GET', '/api/v1/me', session(first))).statusCode).toBe(401);
      expect((await call('GET', '/api/v1/me', session(second))).statusCode).toBe(200);
    });

    it('ends the session on the server when she signs out', async () => {
      const { id } = await enter('joy', []);
      const secret = await signIn(await linkFor(id));
      const answer = await call('DELETE', '/api/v1/session', session(secret));
      expect([answer.statusCode, String(answer.headers['set-cookie'])]).toEqual([
        204,
        expect.stringContaining('Expires=Thu, 01 Jan 1970'),
      ]);
      expect((await call('GET', '/api/v1/me', session(secret))).statusCode).toBe(401);
    });

    it('forgets an idle session after an hour, and a busy one after twelve', async () => {
      const { id } = await enter('kim', []);
      const idle = await signIn(await linkFor(id));
      const busy = await signIn(await linkFor(id));
      const at = async (shiftMs: number, secret: string): Promise<number> => {
        clock.shiftMs = shiftMs;
        const { statusCode } = await call('GET', '/api/v1/me', session(secret));
        clock.shiftMs = 0;
        return statusCode;
      };
      expect(await at(0, idle)).toBe(200);
      expect(await at(1.1 * hour, idle)).toBe(401);
      for (let hours = 0; hours < 12; hours += 0.5) expect(await at(hours * hour, busy)).toBe(200);
      expect(await at(12.1 * hour, busy)).toBe(401);
    });

    it('refuses writes with the cookie that a page of another site sent', async () => {
      const { id } = await enter('leo', []);
      const own = session(await signIn(await linkFor(id)));
      const post = (headers: Record<string, string>) =>
        call(
          'POST',
          `/api/v1/people/${id}/credentials`,
          { ...own, ...headers },
          { kind: 'api_key', label: 'k' },
        );
      const foreign: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.test', host: 'castellan.test' },
        { origin: 'null' },
      ];
      for (const headers of foreign) {
        const answer = await post(headers);
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'cross_site_request']);
      }
      expect((await post({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(201);
      expect((await post({ origin: 'https://castellan.test', host: 'castellan.test' })).statusCode).toBe(201);
      expect((await post({})).statusCode).toBe(201);
    });
  });

  describe('when a stranger of another organisation asks', () => {
    let stranger: { cookie: string };
    let local: Person;
    let localKey: CredentialCreated;
    beforeAll(async () => {
      const founded = await call('POST', '/api/v1/organizations', session(adminSession), {
        name: 'rivals',
        admin: { name: 'rex', displayName: 'Rex' },
      });
      expect(founded.statusCode).toBe(201);
      stranger = session(await signIn(founded.json().signInToken));
      local = await enter('mia', [{ role: 'author' }]);
      localKey = await keyOf(local.id);
    });

    it('sees only her own people and projects', async () => {
      const { people } = (await call('GET', '/api/v1/people', stranger)).json();
      expect(people.map(({ name }: Person) => name)).toEqual(['rex']);
      const { projects } = (await call('GET', '/api/v1/projects', stranger)).json();
      expect(projects).toHaveLength(1);
    });

    it('meets nobody, not a refusal, behind an id that is not hers', async () => {
      const answers = [
        await call('POST', `/api/v1/people/${local.id}/disable`, stranger),
        await call('POST', `/api/v1/people/${local.id}/credentials`, stranger, {
          kind: 'api_key',
          label: 'k',
        }),
        await call('DELETE', `/api/v1/credentials/${localKey.id}`, stranger),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404]);
      expect((await call('GET', '/api/v1/me', bearer(localKey.secret))).statusCode).toBe(200);
    });

    it('is an administrator of her own organisation only', async () => {
      const answer = await call('POST', '/api/v1/organizations', stranger, {
        name: 'more',
        admin: { name: 'x', displayName: 'X' },
      });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'not_permitted']);
    });
  });

  describe('when roles are limited', () => {
    it('shows an author of one project that project only', async () => {
      await call('POST', '/api/v1/projects', session(adminSession), { name: 'loans' });
      await call('POST', '/api/v1/projects', session(adminSession), { name: 'fraud' });
      const { client } = test.database;
      for (const name of ['loans', 'fraud']) {
        const project = await client.project.findFirstOrThrow({ where: { name } });
        await client.model.create({
          data: { organizationId: project.organizationId, projectId: project.id, name: `${name}-model` },
        });
      }
      const one = await keyOf((await enter('ned', [{ role: 'author', project: 'loans' }])).id);
      const all = await keyOf((await enter('oda', [{ role: 'author' }])).id);
      const none = await keyOf((await enter('pam', [{ role: 'auditor' }])).id);
      expect((await call('GET', '/test/models', bearer(one.secret))).json()).toEqual(['loans-model']);
      expect((await call('GET', '/test/models', bearer(all.secret))).json()).toEqual(
        expect.arrayContaining(['loans-model', 'fraud-model']),
      );
      expect((await call('GET', '/test/models', bearer(none.secret))).statusCode).toBe(403);
    });

    it('records a missing permission with who asked', async () => {
      const { id } = await enter('quin', []);
      const { secret, id: credentialId } = await keyOf(id);
      expect((await call('GET', '/api/v1/people', bearer(secret))).statusCode).toBe(403);
      const refused = (await events('access.refused')).filter(({ actor }) => actor.name === 'quin');
      expect(refused).toMatchObject([
        { decision: 'deny', actor: { id, credentialId }, details: { permission: 'read:Person' } },
      ]);
    });

    it('does not let an administrator become a platform administrator', async () => {
      const admin = await enter('rita', [{ role: 'admin' }]);
      const asker = bearer((await keyOf(admin.id)).secret);
      const { people } = (await call('GET', '/api/v1/people', asker)).json();
      const first = people.find(({ name }: Person) => name === 'admin');
      const attempts = [
        await call('POST', '/api/v1/people', asker, {
          name: 'mallory',
          displayName: 'M',
          roles: [{ role: 'platform_admin' }],
        }),
        await call('POST', `/api/v1/people/${first.id}/credentials`, asker, {
          kind: 'sign_in_link',
          label: 'k',
        }),
        await call('POST', `/api/v1/people/${first.id}/disable`, asker),
      ];
      expect(attempts.map((answer) => answer.json().code)).toEqual(Array(3).fill('not_permitted'));
    });

    it('does not let an administrator of one project manage people', async () => {
      const { id } = await enter('sid', [{ role: 'admin', project: 'loans' }]);
      const { secret } = await keyOf(id);
      const body = { name: 'mallory', displayName: 'M', roles: [{ role: 'admin' }] };
      expect((await call('POST', '/api/v1/people', bearer(secret), body)).statusCode).toBe(403);
    });
  });

  it('tells names that are taken and projects that are unknown', async () => {
    const post = (url: string, body: object) => call('POST', url, session(adminSession), body);
    await post('/api/v1/projects', { name: 'twice' });
    expect((await post('/api/v1/projects', { name: 'twice' })).json().code).toBe('project_exists');
    expect((await post('/api/v1/people', { name: 'admin', displayName: 'A' })).json().code).toBe(
      'person_exists',
    );
    const roles = [{ role: 'author', project: 'nowhere' }];
    expect((await post('/api/v1/people', { name: 'tom', displayName: 'T', roles })).json().code).toBe(
      'project_unknown',
    );
    const admin = { name: 'x', displayName: 'X' };
    expect((await post('/api/v1/organizations', { name: 'castellan', admin })).json().code).toBe(
      'organization_exists',
    );
  });

  it('does not let anybody disable herself', async () => {
    const me = (await call('GET', '/api/v1/me', session(adminSession))).json();
    const answer = await call('POST', `/api/v1/people/${me.id}/disable`, session(adminSession));
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'self_disable']);
  });
});
