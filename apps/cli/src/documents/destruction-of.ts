import { createHash, randomUUID } from 'node:crypto';
import { destructionOrderPayload, personDigest, type DestructionTarget } from '@castellan/approval-policy';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { daysAfter } from './days.js';

/** An order that nobody carried out by then lapses. */
const ORDER_DAYS = 30;

/** What one of two people signs so that `name` is destroyed. */
export async function destructionOf(
  api: ApiClient,
  target: DestructionTarget,
  name: string,
  {
    reason,
    person,
    now,
  }: { readonly reason: string; readonly person?: string | undefined; readonly now: Date },
): Promise<Uint8Array<ArrayBuffer>> {
  const { organization, name: signedIn } = await api.me();
  const { targetId, project, sha256 } = await subjectOf(api, target, name, organization);
  return destructionOrderPayload(
    { name, sha256 },
    {
      target,
      targetId,
      organization,
      project,
      person: person ?? signedIn,
      reason,
      issuedAt: now.toISOString(),
      expiresAt: daysAfter(now, ORDER_DAYS),
      nonce: randomUUID(),
    },
  );
}

async function subjectOf(api: ApiClient, target: DestructionTarget, name: string, organization: string) {
  switch (target) {
    case 'version': {
      const { id, project, digest } = await api.version(name);
      if (digest === undefined) throw notFinal(name);
      return { targetId: id, project, sha256: digest };
    }
    case 'model': {
      const { id, project } = await api.model(name);
      return { targetId: id, project, sha256: digestOf(`${organization}/${project}/${name}`) };
    }
    case 'project': {
      const project = (await api.projects()).projects.find((each) => each.name === name);
      if (project === undefined) throw unknownProject(name);
      return { targetId: project.id, project: name, sha256: digestOf(`${organization}/${name}`) };
    }
    case 'person':
      return { targetId: name, project: '*', sha256: personDigest(organization, name) };
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function notFinal(ref: string): CastellanError {
  const publicDetail = `${ref} is still being uploaded; give the upload up instead.`;
  return new CastellanError({ code: 'version_not_finalized', kind: 'conflict', publicDetail });
}

function unknownProject(name: string): CastellanError {
  const publicDetail = `Your organisation has no project "${name}".`;
  return new CastellanError({ code: 'project_unknown', kind: 'not_found', publicDetail });
}
