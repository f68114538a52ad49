import { AccessModule, newSecret, secretHash } from '@castellan/access';
import { AuditModule } from '@castellan/audit';
import { Deployment, DeploymentList, type Role } from '@castellan/contracts';
import { DatabaseModule, testDatabase, type TestDatabase } from '@castellan/database';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { registryRules } from '@castellan/registry';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaDeploymentPlan } from '../routing/prisma-deployment-plan.js';
import { servingRules } from '../serving-rules.js';
import { DeploymentModule } from './deployment.module.js';

@Module({})
class ApiModule {}

interface House {
  readonly id: string;
  readonly projects: readonly { readonly id: string; readonly name: string }[];
}

describe('deployments over HTTP', () => {
  let test: TestDatabase;
  let app: HttpApp;
  let url: string;
  let ours: House;
  let operator: string;
  let stranger: string;
  let plan: PrismaDeploymentPlan;

  beforeAll(async () => {
    test = await testDatabase();
    const imports = [
      DatabaseModule.around(test.database),
      AccessModule.forRoot([servingRules, registryRules], { imports: [AuditModule], routes: false }),
      DeploymentModule.forRoot({ imports: [AuditModule] }),
    ];
    app = await createHttpApp({ module: ApiModule, imports }, { logger: false });
    ({ url } = await app.listen({ port: 0 }));
    plan = new PrismaDeploymentPlan(test.database);
    ours = await house('ours');
    const theirs = await house('theirs');
    operator = await key(ours, ['admin']);
    stranger = await key(theirs, ['admin']);
    await version(ours, 1, 'a'.repeat(64));
    await version(ours, 2, 'b'.repeat(64));
    await version(ours, 3, null);
  });
  afterAll(async () => {
    await app.close();
    await test.close();
  });

  function house(name: string): Promise<House> {
    const data = { name, projects: { create: [{ name: 'default' }, { name: 'other' }] } };
    return test.database.client.organization.create({
      data,
      include: { projects: { orderBy: { name: 'asc' } } },
    });
  }

  async function version({ id: organizationId, projects }: House, number: number, digest: string | null) {
    const projectId = projects[0]?.id ?? '';
    const model = await test.database.client.model.upsert({
      where: { organizationId_name: { organizationId, name: 'digits' } },
      create: { organizationId, projectId, name: 'digits' },
      update: {},
    });
    const data = {
      modelId: model.id,
      number,
      stage: 'candidate',
      authorId: 'anna',
      authorName: 'anna',
      digest,
    };
    return test.database.client.version.create({ data });
  }

  /** The roles hold in one project, or in the whole organisation. */
  async function key({ id: organizationId }: House, roles: readonly Role[], projectId: string | null = null) {
    const secret = newSecret('api_key');
    await test.database.client.person.create({
      data: {
        organizationId,
        name: `person-${secret.slice(-6).toLowerCase()}`,
        displayName: 'Somebody',
        bindings: { create: roles.map((role) => ({ role, projectId })) },
        credentials: {
          create: { kind: 'api_key', secretHash: secretHash(secret), label: 'test', deployments: [] },
        },
      },
    });
    return secret;
  }

  async function call(method: string, path: string, as: string, body?: unknown) {
    const response = await fetch(new URL(`/api/v1/deployments${path}`, url), {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  const create = (name: string, ref: string, as = operator) => call('POST', '', as, { name, version: ref });

  async function events(): Promise<Record<string, unknown>[]> {
    const rows = await test.database.client.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    return rows
      .map(({ event }): Record<string, unknown> => JSON.parse(event))
      .filter(({ action }) => String(action).startsWith('deployment.'));
  }

  it('are made, shown, listed and stopped, and each change is recorded with it', async () => {
    const made = await create('first', 'digits@1');
    expect(made.status).toBe(201);
    expect(Deployment.parse(made.body)).toMatchObject({
      name: 'first',
      project: 'default',
      model: 'digits',
      number: 1,
      versionDigest: 'a'.repeat(64),
      desired: 'running',
      phase: 'pending',
    });
    expect((await call('GET', '/first', operator)).body).toEqual(made.body);
    const listed = DeploymentList.parse((await call('GET', '', operator)).body);
    expect(listed.deployments.map(({ name }) => name)).toEqual(['first']);
    expect((await call('DELETE', '/first', operator)).status).toBe(204);
    expect((await call('GET', '/first', operator)).body).toMatchObject({
      desired: 'stopped',
      phase: 'stopped',
    });
    expect(await events()).toMatchObject([
      {
        action: 'deployment.created',
        resource: { kind: 'deployment', digest: 'a'.repeat(64) },
        details: { name: 'first', version: 'digits@1' },
      },
      { action: 'deployment.stopped', details: { name: 'first', version: 'digits@1' } },
    ]);
  });

  it('record nothing when nothing changes', async () => {
    const before = (await events()).length;
    expect((await call('DELETE', '/first', operator)).status).toBe(204);
    expect((await call('DELETE', '/none', operator)).status).toBe(404);
    expect(await create('first', 'digits@9')).toMatchObject({
      status: 404,
      body: { code: 'version_unknown' },
    });
    expect(await create('first', 'digits@3')).toMatchObject({
      status: 409,
      body: { code: 'version_not_finalized' },
    });
    expect((await create('First Name!', 'digits@1')).status).toBe(400);
    expect(await events()).toHaveLength(before);
  });

  it('start again under their name with another version, and forget what was seen of the old one', async () => {
    const { client } = test.database;
    const { id } = await client.deployment.findUniqueOrThrow({ where: { name: 'first' } });
    await plan.record(id, { phase: 'failed', message: 'of the old one' });
    await plan.recordStopped();
    const again = await create('first', 'digits@2');
    expect(again).toMatchObject({ status: 201, body: { id, number: 2, phase: 'pending' } });
    expect(again.body).not.toHaveProperty('message');
    expect(await create('first', 'digits@1')).toMatchObject({
      status: 409,
      body: { code: 'deployment_exists' },
    });
  });

  it('show what the gateway last saw of them', async () => {
    const { client } = test.database;
    const { id } = await client.deployment.findUniqueOrThrow({ where: { name: 'first' } });
    const signature = {
      inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 4] }],
      outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 2] }],
    };
    await plan.record(id, { phase: 'refused', reason: 'not_approved', message: 'Nobody has signed.' });
    expect((await call('GET', '/first', operator)).body).toMatchObject({
      phase: 'refused',
      reason: 'not_approved',
      message: 'Nobody has signed.',
    });
    await plan.record(id, { phase: 'ready', versionDigest: 'b'.repeat(64), signature });
    const shown = Deployment.parse((await call('GET', '/first', operator)).body);
    expect(shown).toMatchObject({ phase: 'ready', signature });
    expect(shown.message).toBeUndefined();
    expect(await plan.running()).toMatchObject([
      { name: 'first', number: 2, status: { phase: 'ready', signature } },
    ]);
    await plan.record('00000000-0000-4000-8000-000000000000', { phase: 'ready' });
  });

  it('of one organisation are not there for another, except that a name is taken', async () => {
    const unknown = await call('GET', '/none', stranger);
    const there = await call('GET', '/first', stranger);
    const anonymous = ({ body }: { body: unknown }, name: string) =>
      JSON.stringify(body)
        .replaceAll(name, 'x')
        .replace(/"requestId":"[^"]+"/, '');
    expect(there.status).toBe(404);
    expect(anonymous(there, 'first')).toBe(anonymous(unknown, 'none'));
    expect((await call('DELETE', '/first', stranger)).status).toBe(404);
    expect((await call('GET', '', stranger)).body).toEqual({ deployments: [] });
    const versionOfOurs = await test.database.client.version.findFirstOrThrow({
      where: { digest: 'a'.repeat(64) },
    });
    expect(await create('mine', versionOfOurs.id, stranger)).toMatchObject({
      body: { code: 'version_unknown' },
    });
  });

  it('are made and stopped by admins only, each within their projects', async () => {
    for (const role of ['author', 'reviewer', 'auditor', 'consumer'] as const) {
      const other = await key(ours, [role]);
      expect((await create('mine', 'digits@1', other)).status).toBe(403);
      expect((await call('DELETE', '/first', other)).status).toBe(403);
      expect((await call('GET', '/first', other)).status).toBe(200);
    }
    const elsewhere = await key(ours, ['admin'], ours.projects[1]?.id);
    expect((await create('mine', 'digits@1', elsewhere)).status).toBe(404);
    expect((await call('DELETE', '/first', elsewhere)).status).toBe(404);
    const here = await key(ours, ['admin'], ours.projects[0]?.id);
    expect((await create('mine', 'digits@1', here)).status).toBe(201);
  });

  it('of one name, asked for ten times at once, come into being once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create('popular', 'digits@1')));
    const codes = answers.map(({ status }) => status).sort();
    expect(codes).toEqual([201, ...Array<number>(9).fill(409)]);
    const made = (await events()).filter(({ details }) => JSON.stringify(details).includes('popular'));
    expect(made).toHaveLength(1);
  });
});
