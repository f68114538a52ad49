import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { policyPayload } from '@castellan/approval-policy';
import type { RoleBinding } from '@castellan/contracts';
import { ApiClient } from '../client/api-client.js';
import { signIn } from '../client/sign-in.js';
import { certificateFor } from '../documents/certificate-for.js';
import { signDocument } from '../documents/sign-document.js';
import { publicPart } from '../keys/key-file.js';
import type { Narrator } from './narrator.js';
import type { Cast, Player } from './stage.js';

export interface PeopleInput {
  readonly apiUrl: string;
  readonly signInSecret: string;
  readonly officer: KeyObject;
  readonly narrator: Narrator;
}

/**
 * Act 1. People come into being, each with a role; the security officer, who stands outside the system, certifies the
 * reviewer's key and signs the project's policy.
 */
export async function peopleComeIntoBeing(
  input: PeopleInput,
): Promise<{ cast: Cast; reviewerKey: KeyObject }> {
  const { apiUrl, narrator } = input;
  narrator.act('People come into being');
  const admin = await playerBehind(apiUrl, input.signInSecret);
  narrator.tell('The administrator signs in with the one-time link.');
  const join = (name: string, displayName: string, role: RoleBinding['role']): Promise<Player> =>
    addPerson(apiUrl, admin, name, displayName, { role, project: 'default' });
  const cast: Cast = {
    admin,
    author: await join('ada', 'Ada, author', 'author'),
    reviewer: await join('rita', 'Rita, reviewer', 'reviewer'),
    steward: await join('stella', 'Stella, data steward', 'steward'),
    analyst: await join('anna', 'Anna, analyst', 'analyst'),
    auditor: await join('otto', 'Otto, auditor', 'auditor'),
    consumer: await join('till', 'The till at the counter', 'consumer'),
    stranger: await addStranger(apiUrl, admin),
  };
  narrator.tell('Ada is an author, Rita a reviewer, Stella a steward, Anna an analyst, Otto an auditor.');
  narrator.tell('A till may ask for predictions. A stranger administers another organisation.');

  const reviewerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await honourReviewer(input, cast, reviewerKey);
  narrator.tell(
    'The security officer certifies Rita’s key, and signs the policy: one reviewer, a clean scan, never the author.',
  );
  return { cast, reviewerKey };
}

async function honourReviewer(
  { officer }: PeopleInput,
  { admin, reviewer }: Cast,
  key: KeyObject,
): Promise<void> {
  const request = {
    format: 'castellan.key-request/v1',
    organization: 'castellan',
    person: reviewer.name,
  } as const;
  const scope = { projects: ['default'], roles: ['reviewer'], from: new Date(), days: 365 };
  const certificate = certificateFor({ ...request, ...publicPart(key) }, scope);
  await admin.api.submitDocument(signDocument(certificate, officer));
  const policy = policyPayload({
    ...{ organization: 'castellan', project: 'default', version: 1 },
    ...{ quorum: [{ role: 'reviewer', count: 1 }], gates: { scan: 'clean' }, approvalMaxAgeDays: 90 },
  });
  await admin.api.submitDocument(signDocument(policy, officer));
}

async function addPerson(
  apiUrl: string,
  admin: Player,
  name: string,
  displayName: string,
  role: RoleBinding,
): Promise<Player> {
  const { id } = await admin.api.createPerson({ name, displayName, roles: [role] });
  const { secret: token } = await admin.api.createCredential(id, { kind: 'api_key', label: 'demo' });
  return { id, name, token, api: new ApiClient({ url: apiUrl, token }) };
}

async function addStranger(apiUrl: string, admin: Player): Promise<Player> {
  const { signInToken } = await admin.api.createOrganization({
    name: 'elsewhere',
    admin: { name: 'mallory', displayName: 'Mallory, of elsewhere' },
  });
  return playerBehind(apiUrl, signInToken);
}

/** Signs in by a link and goes on with a key. */
async function playerBehind(apiUrl: string, linkSecret: string): Promise<Player> {
  const session = await signIn(apiUrl, linkSecret);
  const { id, name } = await session.me();
  const { secret: token } = await session.createCredential(id, { kind: 'api_key', label: 'demo' });
  return { id, name, token, api: new ApiClient({ url: apiUrl, token }) };
}
