import { createHash } from 'node:crypto';
import { type AuditEvent, defineEvents, details, type EventActor, type EventSubject } from '@castellan/audit';
import type { ErasureRemains } from '@castellan/contracts';
import type { HeldRole, Identity } from './actor.js';

const catalogue = defineEvents({
  'platform.bootstrapped': { meaning: 'The first organisation and its first administrator were made.' },
  'organization.created': {
    meaning: 'An organisation was made, with its first administrator.',
    details: details<{ name: string }>(),
  },
  'project.created': { meaning: 'A project was opened.', details: details<{ name: string }>() },
  'person.created': {
    meaning: 'A person was entered, with roles.',
    details: details<{ roles: string[] }>(),
  },
  'person.disabled': {
    meaning: 'A person was shut out; sessions, keys and links ended with it.',
  },
  'person.erased': {
    meaning:
      'The names of a person were taken out of the rows, after two people had the key destroyed under which they stood in the log. Details say where a name stays: leaves from before names were sealed, and what is signed.',
    details: details<{ leaves: string; documents: number; manifests: number; certificate?: string }>(),
  },
  'credential.issued': {
    meaning: 'A key, link or session was made for a person.',
    details: details<{ kind: string; deployments: string[]; expiresAt: string | null }>(),
  },
  'credential.revoked': {
    meaning: 'A key or link was revoked.',
    details: details<{ kind: string }>(),
  },
  'credential.s3-key-shown': {
    meaning: 'Whoever held an API key was told what S3 clients sign with in its name.',
  },
  'session.opened': { meaning: 'Somebody signed in.' },
  'session.closed': { meaning: 'Somebody signed out.' },
  'session.refused': { meaning: 'A sign-in link was refused.', details: details<{ dropped?: number }>() },
  'access.refused': {
    meaning: 'A request was refused: bad credentials, or a missing permission.',
    details: details<{ permission: string; dropped?: number }>(),
  },
});

/** What access records, in words, for the console and for exports. */
export const accessEventMeanings = catalogue.meanings;

/** Where a request came from. */
export interface RequestOrigin {
  readonly requestId?: string;
  readonly source?: string;
}

const anonymous: EventActor = { kind: 'anonymous' };

/** A person as the actor of an event. */
export function personActor({ personId, name, credentialId, sealTo }: Identity): EventActor {
  return { kind: 'person', id: personId, name, credentialId, ...(sealTo && { sealTo }) };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface PersonNamed extends Named {
  readonly organizationId: string;
  readonly key: { readonly publicKey: Uint8Array } | null;
}

/** Somebody besides the actor: the name goes into the log sealed, or not at all. */
function subjectOf({ id, name, key }: Omit<PersonNamed, 'organizationId'>): EventSubject {
  return { id, personal: { name }, ...(key && { sealTo: key.publicKey }) };
}

const about = (kind: string, { id }: { id: string }, organizationId: string) => ({
  organizationId,
  resource: { kind, id },
  decision: 'allow' as const,
});

/** Every event that access records, each made from what it is about. */
export const accessEvents = {
  bootstrapped: (organization: Named): AuditEvent =>
    catalogue.event('platform.bootstrapped', {
      actor: { kind: 'process', name: 'api' },
      ...about('organization', organization, organization.id),
    }),

  organizationCreated: (actor: Identity, organization: Named, admin: PersonNamed): AuditEvent =>
    catalogue.event('organization.created', {
      actor: personActor(actor),
      ...about('organization', organization, organization.id),
      subject: subjectOf(admin),
      details: { name: organization.name },
    }),

  projectCreated: (actor: Identity, project: Named): AuditEvent =>
    catalogue.event('project.created', {
      actor: personActor(actor),
      ...about('project', project, actor.organizationId),
      details: { name: project.name },
    }),

  personCreated: (actor: Identity, person: PersonNamed, roles: readonly HeldRole[]): AuditEvent =>
    catalogue.event('person.created', {
      actor: personActor(actor),
      ...about('person', person, person.organizationId),
      subject: subjectOf(person),
      details: {
        roles: roles.map(({ role, projectId }) => (projectId === null ? role : `${role}@${projectId}`)),
      },
    }),

  personDisabled: (actor: Identity, person: PersonNamed): AuditEvent =>
    catalogue.event('person.disabled', {
      actor: personActor(actor),
      ...about('person', person, person.organizationId),
      subject: subjectOf(person),
    }),

  /** `certificate`: the destruction certificate of the person's key; the event carries its SHA-256. */
  personErased: (
    person: { readonly id: string; readonly organizationId: string },
    remains: ErasureRemains,
    certificate: string | undefined,
  ): AuditEvent =>
    catalogue.event('person.erased', {
      actor: { kind: 'process', name: 'jobs' },
      ...about('person', person, person.organizationId),
      details: {
        ...remains,
        ...(certificate === undefined
          ? {}
          : { certificate: createHash('sha256').update(certificate).digest('hex') }),
      },
    }),

  credentialIssued: (
    actor: Identity,
    person: PersonNamed,
    credential: { id: string; kind: string; deployments: readonly string[]; expiresAt: Date | null },
  ): AuditEvent =>
    catalogue.event('credential.issued', {
      actor: personActor(actor),
      ...about('credential', credential, person.organizationId),
      subject: subjectOf(person),
      details: {
        kind: credential.kind,
        deployments: [...credential.deployments],
        expiresAt: credential.expiresAt?.toISOString() ?? null,
      },
    }),

  credentialRevoked: (
    actor: Identity,
    person: PersonNamed,
    credential: { id: string; kind: string },
  ): AuditEvent =>
    catalogue.event('credential.revoked', {
      actor: personActor(actor),
      ...about('credential', credential, person.organizationId),
      subject: subjectOf(person),
      details: { kind: credential.kind },
    }),

  s3KeyShown: (actor: Identity): AuditEvent =>
    catalogue.event('credential.s3-key-shown', {
      actor: personActor(actor),
      ...about('credential', { id: actor.credentialId }, actor.organizationId),
    }),

  sessionOpened: (
    person: PersonNamed,
    session: { id: string },
    link: { id: string },
    origin: RequestOrigin,
  ): AuditEvent =>
    catalogue.event('session.opened', {
      actor: {
        kind: 'person',
        id: person.id,
        name: person.name,
        credentialId: link.id,
        ...(person.key && { sealTo: person.key.publicKey }),
      },
      ...about('credential', session, person.organizationId),
      ...origin,
    }),

  sessionClosed: (actor: Identity): AuditEvent =>
    catalogue.event('session.closed', {
      actor: personActor(actor),
      ...about('credential', { id: actor.credentialId }, actor.organizationId),
    }),

  sessionRefused: ({ dropped }: { dropped: number }, origin: RequestOrigin): AuditEvent =>
    catalogue.event('session.refused', {
      actor: anonymous,
      decision: 'deny',
      reason: 'credentials_invalid',
      ...origin,
      details: dropped === 0 ? {} : { dropped },
    }),

  /** `dropped`: earlier refusals from the same source that were only counted. */
  credentialsRefused: (
    reason: string,
    { permission, dropped }: { permission: string; dropped: number },
    origin: RequestOrigin,
  ): AuditEvent =>
    catalogue.event('access.refused', {
      actor: anonymous,
      decision: 'deny',
      reason,
      ...origin,
      details: { permission, ...(dropped === 0 ? {} : { dropped }) },
    }),

  permissionRefused: (actor: Identity, permission: string, origin: RequestOrigin): AuditEvent =>
    catalogue.event('access.refused', {
      actor: personActor(actor),
      organizationId: actor.organizationId,
      decision: 'deny',
      reason: 'not_permitted',
      ...origin,
      details: { permission },
    }),
} satisfies Record<string, (...about: never[]) => AuditEvent>;
