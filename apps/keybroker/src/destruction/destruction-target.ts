import { createHash } from 'node:crypto';
import { personDigest, projectDigest, type DestructionOrder } from '@castellan/approval-policy';
import type { Database } from '@castellan/database';
import { KeybrokerError } from '../keybroker-error.js';

/** What an order is about, as the rows have it now. */
export interface DestructionScope {
  readonly organizationId: string;
  /** Empty for a person. */
  readonly projectId: string;
  readonly versionIds: readonly string[];
}

/**
 * Finds what an order names, and that it is what the signers meant: the row's id, its names and its digest belong together.
 * @throws KeybrokerError `destruction_target_unknown`
 */
export async function findScope(
  database: Database,
  order: DestructionOrder,
  subjectSha256: string,
): Promise<DestructionScope> {
  const { target, targetId: id, organization, project } = order;
  const where = { id, project: { is: { name: project, organization: { is: { name: organization } } } } };
  const { client } = database;
  switch (target) {
    case 'version': {
      const version = await client.version.findFirst({
        where: { id, digest: subjectSha256, model: { is: { project: where.project } } },
        include: { model: true },
      });
      if (version === null) throw targetUnknown(target);
      const { organizationId, projectId } = version.model;
      return { organizationId, projectId, versionIds: [id] };
    }
    case 'model': {
      const model = await client.model.findFirst({ where, include: { versions: { select: { id: true } } } });
      if (model === null || subjectSha256 !== modelDigest(organization, project, model.name))
        throw targetUnknown(target);
      const { organizationId, projectId, versions } = model;
      return { organizationId, projectId, versionIds: versions.map((each) => each.id) };
    }
    case 'project': {
      const row = await client.project.findFirst({ where: { id, ...where.project.is } });
      if (row === null || subjectSha256 !== projectDigest(organization, project)) throw targetUnknown(target);
      const inProject = { model: { is: { projectId: id } } };
      const versions = await client.version.findMany({ where: inProject, select: { id: true } });
      const versionIds = versions.map((each) => each.id);
      return { organizationId: row.organizationId, projectId: id, versionIds };
    }
    case 'person': {
      const inOrganization = { organization: { is: { name: organization } } };
      const person = await client.person.findFirst({ where: { id, ...inOrganization } });
      if (person === null || subjectSha256 !== personDigest(organization, id)) throw targetUnknown(target);
      return { organizationId: person.organizationId, projectId: '', versionIds: [] };
    }
  }
}

/** @throws KeybrokerError `destruction_blocked` for what is deployed, and for somebody who may still come in */
export async function requireUnused(
  database: Database,
  { target, targetId }: DestructionOrder,
  { versionIds }: DestructionScope,
): Promise<void> {
  if (target === 'person') return requireShutOut(database, targetId);
  const serving = await database.client.deployment.findMany({
    where: { versionId: { in: [...versionIds] }, desired: 'running' },
    select: { name: true },
  });
  if (serving.length === 0) return;
  const names = serving.map(({ name }) => name);
  throw new KeybrokerError({
    code: 'destruction_blocked',
    kind: 'conflict',
    publicDetail: `It is deployed as ${names.join(', ')}. Stop that first.`,
    meta: { deployments: names },
  });
}

async function requireShutOut(database: Database, id: string): Promise<void> {
  const person = await database.client.person.findFirst({ where: { id, disabledAt: null } });
  if (person === null) return;
  throw new KeybrokerError({
    code: 'destruction_blocked',
    kind: 'conflict',
    publicDetail: 'This person may still come in. Shut them out first (castellan people disable).',
  });
}

function modelDigest(organization: string, project: string, model: string): string {
  return createHash('sha256').update(`${organization}/${project}/${model}`, 'utf8').digest('hex');
}

function targetUnknown(target: string): KeybrokerError {
  return new KeybrokerError({
    code: 'destruction_target_unknown',
    kind: 'not_found',
    publicDetail: `There is no ${target} with the id, the names and the digest that the order has.`,
  });
}
