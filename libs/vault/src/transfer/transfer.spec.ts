import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actorOf, type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { ProjectRootPackage, type Role } from '@castellan/contracts';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { z } from 'zod';
import { vaultRules } from '../index.js';
import { RotationStore } from '../keys/rotation-store.js';
import { ExportProjectRoot } from './export-project-root.js';
import { ImportProjectRoot } from './import-project-root.js';
import { readProjectRoot } from './project-root.js';

const file = join(import.meta.dirname, '../../vectors/project-root-v1.json');
const vector = z
  .object({ package: ProjectRootPackage, sender: z.string() })
  .parse(JSON.parse(readFileSync(file, 'utf8')));
const { projectId, project } = readProjectRoot(vector.package).header;

let test: TestDatabase;
let organizationId: string;
const asked: string[] = [];
const ordered = (organization: string) => ({
  ...{ projectId: randomUUID(), project: 'vision', recipient: 'ab'.repeat(32), holder: 'CN=There' },
  ...{ validUntil: new Date().toISOString(), certificate: '', state: 'ordered', orders: [], organization },
});
/** The keybroker, as far as these use cases see it: it judges, and here it says yes. */
const keybroker = new KeybrokerClient(async (method, path) => {
  asked.push(`${method} ${path}`);
  if (path === '/v1/root-imports') return { projectId, project, versions: [1, 3], current: 4 };
  return method === 'GET' ? { exports: [ordered('acme'), ordered('globex')] } : vector.package;
});

beforeAll(async () => {
  test = await testDatabase();
  ({ id: organizationId } = await test.database.client.organization.create({ data: { name: 'acme' } }));
});
afterAll(() => test.close());

function actor(role: Role): Actor {
  const identity = { personId: randomUUID(), name: 'ada', organizationId, organizationName: 'acme' };
  const roles = [{ role, projectId: null }];
  return actorOf({ ...identity, roles, credentialId: randomUUID(), deployments: [] }, [vaultRules]);
}
const exporting = () =>
  new ExportProjectRoot(new RotationStore(test.database), keybroker, new AuditLog(test.database));
const importing = () => new ImportProjectRoot(test.database, keybroker, new AuditLog(test.database));
const request = { package: vector.package, sender: vector.sender };
const recorded = async (action: string) =>
  (await test.database.client.auditOutbox.findMany()).filter(({ event }) => event.includes(`"${action}"`))
    .length;

describe('exporting a project’s keys', () => {
  const recipient = 'ab'.repeat(32);

  it('shows what is ordered in one’s own organisation, to those who sign and those who watch', async () => {
    for (const role of ['reviewer', 'auditor', 'admin'] as const)
      expect((await exporting().list(actor(role))).map((each) => each.recipient)).toEqual([recipient]);
    await expect(exporting().list(actor('author'))).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('is an administrator’s, of her own organisation’s project, and recorded before the keybroker is asked', async () => {
    const { client } = test.database;
    const other = await client.organization.create({ data: { name: 'globex' } });
    await client.project.create({ data: { name: 'secrets', organizationId: other.id } });
    await client.project.create({ data: { name: 'audio', organizationId } });
    asked.length = 0;
    const foreign = exporting().execute(actor('admin'), { project: 'secrets', recipient });
    await expect(foreign).rejects.toMatchObject({ code: 'project_unknown' });
    const reviewers = exporting().execute(actor('reviewer'), { project: 'audio', recipient });
    await expect(reviewers).rejects.toMatchObject({ code: 'not_permitted' });
    expect(asked).toEqual([]);
    const { sender } = await exporting().execute(actor('admin'), { project: 'audio', recipient });
    expect(sender).toBe(vector.sender);
    expect(await recorded('key-export.requested')).toBe(1);
  });
});

describe('importing a project’s keys', () => {
  it('does not touch a project of the same name that is another one', async () => {
    const { client } = test.database;
    const { id } = await client.project.create({ data: { name: project, organizationId } });
    asked.length = 0;
    await expect(importing().execute(actor('admin'), request)).rejects.toMatchObject({
      code: 'project_name_taken',
    });
    expect(asked).toEqual([]);
    await client.project.delete({ where: { id } });
  });

  it('is an administrator’s; it opens the project under its own id, once', async () => {
    const reviewers = importing().execute(actor('reviewer'), request);
    await expect(reviewers).rejects.toMatchObject({ code: 'not_permitted' });
    for (let time = 0; time < 2; time++)
      expect(await importing().execute(actor('admin'), request)).toMatchObject({ projectId, current: 4 });
    const row = await test.database.client.project.findUniqueOrThrow({ where: { id: projectId } });
    expect(row).toMatchObject({ name: project, organizationId });
    expect([await recorded('project.imported'), await recorded('key-import.requested')]).toEqual([1, 2]);
  });
});
