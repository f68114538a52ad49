import type { DestructionTarget } from '@castellan/approval-policy/web';
import {
  DestructionCertificate,
  DestructionList,
  ErasureRemains,
  Model,
  PersonList,
  ProjectList,
  TrustDocumentList,
  Version,
} from '@castellan/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../api/call.js';
import { Refusal } from '../api/refusal.js';
import { saveFile } from '../api/save-file.js';
import { predicates } from '../review/predicates.js';
import { sha256Hex } from '../review/sha256.js';
import { readAllSigned } from '../review/signed-document.js';

/** What is ordered to be destroyed, and what was. */
export function useDestructions() {
  return useQuery({
    queryKey: ['destructions'],
    queryFn: async () => (await call('/api/v1/destructions', DestructionList)).destructions,
    refetchInterval: 5_000,
  });
}

/** What an order is about, besides its name. */
export interface OrderSubject {
  /** As it is signed: of a person the id, since orders are kept. */
  readonly name: string;
  readonly targetId: string;
  readonly project: string;
  readonly sha256: string;
  /** Where a person's name would stay. */
  readonly remains?: ErasureRemains;
}

/** Looked up once the name is whole; the reviewer compares what is signed with it. */
export function useOrderSubject(target: DestructionTarget, name: string, organization: string) {
  return useQuery({
    queryKey: ['destruction-subject', target, name],
    enabled: name !== '',
    retry: false,
    queryFn: () => subjectOf(target, name, organization),
  });
}

async function subjectOf(
  target: DestructionTarget,
  name: string,
  organization: string,
): Promise<OrderSubject> {
  switch (target) {
    case 'version': {
      const { id, project, digest } = await call(`/api/v1/versions/${encodeURIComponent(name)}`, Version);
      if (digest === undefined)
        throw new Refusal(
          0,
          'version_not_finalized',
          `${name} is still being uploaded; give the upload up instead.`,
        );
      return { name, targetId: id, project, sha256: digest };
    }
    case 'model': {
      const { id, project } = await call(`/api/v1/models/${encodeURIComponent(name)}`, Model);
      return { name, targetId: id, project, sha256: await digestOf(`${organization}/${project}/${name}`) };
    }
    case 'project': {
      const { projects } = await call('/api/v1/projects', ProjectList);
      const found = projects.find((project) => project.name === name);
      if (found === undefined) throw new Refusal(0, 'project_unknown', `There is no project "${name}".`);
      return { name, targetId: found.id, project: name, sha256: await digestOf(`${organization}/${name}`) };
    }
    case 'person':
      return personOf(name, organization);
  }
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By name or by id. */
async function personOf(name: string, organization: string): Promise<OrderSubject> {
  const id = ID.test(name) ? name : await personId(name);
  const remains = await call(`/api/v1/people/${id}/erasure`, ErasureRemains);
  return { name: id, targetId: id, project: '*', sha256: await digestOf(`${organization}/*/${id}`), remains };
}

async function personId(name: string): Promise<string> {
  const { people } = await call('/api/v1/people', PersonList);
  const found = people.find((person) => person.name === name);
  if (found === undefined) throw new Refusal(0, 'person_unknown', `There is nobody called "${name}".`);
  return found.id;
}

function digestOf(text: string): Promise<string> {
  return sha256Hex(new TextEncoder().encode(text));
}

/** The signed order that has this digest, as far as a cancellation needs it. Null when there is none. */
export function useOrder(digest: string) {
  return useQuery({
    queryKey: ['destruction-order', digest],
    queryFn: async () => {
      const { documents } = await call('/api/v1/trust-documents?kind=destruction-order', TrustDocumentList);
      const envelopes = documents.filter((each) => each.digest === digest).map(({ envelope }) => envelope);
      const [order] = await readAllSigned(envelopes, predicates.destructionOrder);
      return order ?? null;
    },
  });
}

/** Saves the certificate of a destruction, and the platform's signature over it beside it. */
export function useSaveCertificate() {
  return useMutation({
    mutationFn: async ({ targetId, name }: { readonly targetId: string; readonly name: string }) => {
      const path = `/api/v1/destructions/${targetId}/certificate`;
      const { certificate, signature } = await call(path, DestructionCertificate);
      const file = `destruction-of-${name.replace(/[^a-z0-9._-]/g, '-')}.json`;
      saveFile(file, new Blob([certificate]));
      saveFile(`${file}.p7s`, new Blob([signature]));
    },
  });
}
