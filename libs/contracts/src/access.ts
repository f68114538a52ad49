import { z } from 'zod';
import { BigCount, Id, Name, Timestamp } from './primitives.js';

export const roles = [
  'platform_admin',
  'admin',
  'author',
  'reviewer',
  'steward',
  'analyst',
  'auditor',
  'consumer',
] as const;
export const Role = z.enum(roles).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** `project` absent: the whole organisation. */
export const RoleBinding = z.object({ role: Role, project: Name.optional() }).meta({ id: 'RoleBinding' });
export type RoleBinding = z.infer<typeof RoleBinding>;

// POST /api/v1/organizations (platform_admin): also makes the organisation's first admin and a sign-in link.
export const CreateOrganization = z
  .object({ name: Name, admin: z.object({ name: Name, displayName: z.string().min(1).max(200) }) })
  .meta({ id: 'CreateOrganization' });
export type CreateOrganization = z.infer<typeof CreateOrganization>;
export const Organization = z
  .object({ id: Id, name: Name, createdAt: Timestamp })
  .meta({ id: 'Organization' });
export type Organization = z.infer<typeof Organization>;
export const OrganizationCreated = Organization.extend({ signInToken: z.string() }).meta({
  id: 'OrganizationCreated',
});
export type OrganizationCreated = z.infer<typeof OrganizationCreated>;

// POST|GET /api/v1/projects
export const CreateProject = z.object({ name: Name }).meta({ id: 'CreateProject' });
export type CreateProject = z.infer<typeof CreateProject>;
export const Project = z.object({ id: Id, name: Name, createdAt: Timestamp }).meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;
export const ProjectList = z.object({ projects: z.array(Project) }).meta({ id: 'ProjectList' });
export type ProjectList = z.infer<typeof ProjectList>;

// POST|GET /api/v1/people
export const CreatePerson = z
  .object({ name: Name, displayName: z.string().min(1).max(200), roles: z.array(RoleBinding).default([]) })
  .meta({ id: 'CreatePerson' });
export type CreatePerson = z.infer<typeof CreatePerson>;
export const Person = z
  .object({
    id: Id,
    name: Name,
    displayName: z.string(),
    roles: z.array(RoleBinding),
    createdAt: Timestamp,
    disabledAt: Timestamp.optional(),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;
// GET /api/v1/people/{id}/erasure
/** Where a person's name stays after an erasure: leaves from before names were sealed, signed documents, manifests. */
export const ErasureRemains = z
  .object({ leaves: BigCount, documents: z.number().int(), manifests: z.number().int() })
  .meta({ id: 'ErasureRemains' });
export type ErasureRemains = z.infer<typeof ErasureRemains>;

export const PersonList = z.object({ people: z.array(Person) }).meta({ id: 'PersonList' });
export type PersonList = z.infer<typeof PersonList>;

// POST /api/v1/people/{id}/credentials ; DELETE /api/v1/credentials/{id} ; POST /api/v1/people/{id}/disable
export const CreateCredential = z
  .object({
    kind: z.enum(['api_key', 'sign_in_link']),
    label: z.string().min(1).max(100),
    /** Deployment names this key may call; empty: every one its owner may. */
    deployments: z.array(Name).default([]),
    expiresInSeconds: z.number().int().min(60).max(31_536_000).optional(),
  })
  .meta({ id: 'CreateCredential' });
export type CreateCredential = z.infer<typeof CreateCredential>;
/** `secret` is shown once, here, and never again. */
export const CredentialCreated = z
  .object({
    id: Id,
    kind: z.string(),
    label: z.string(),
    secret: z.string(),
    expiresAt: Timestamp.optional(),
  })
  .meta({ id: 'CredentialCreated' });
export type CredentialCreated = z.infer<typeof CredentialCreated>;

// POST /api/v1/s3-key, with an API key
export const S3Key = z
  .object({ accessKeyId: Id, secretAccessKey: z.string(), region: z.string() })
  .meta({ id: 'S3Key' });
export type S3Key = z.infer<typeof S3Key>;

// POST /api/v1/session {token} sets the session cookie `castellan_session`; DELETE /api/v1/session ; GET /api/v1/me
export const SignIn = z.object({ token: z.string().min(1).max(500) }).meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignIn>;
export const Me = z
  .object({ id: Id, name: Name, displayName: z.string(), organization: Name, roles: z.array(RoleBinding) })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
