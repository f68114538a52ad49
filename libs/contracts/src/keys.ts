import { z } from 'zod';
import { Id, Name, Timestamp } from './primitives.js';

/** The life of a project's keys. */

const KeyVersion = z.number().int().min(1);

// GET /api/v1/projects/{project}/keys
export const rotationStates = ['running', 'cancelled', 'done', 'incomplete', 'failed'] as const;
export const KeyRotation = z
  .object({
    id: Id,
    fromVersion: KeyVersion,
    /** `incomplete`: everything that opens was re-wrapped; `unopenedKeys` did not open and stay as they are. */
    state: z.enum(rotationStates),
    /** Data keys on older versions at the beginning; absent until they are counted. */
    totalKeys: z.number().int().optional(),
    remainingKeys: z.number().int().optional(),
    unopenedKeys: z.number().int(),
    requestedBy: z.string(),
    failure: z.string().optional(),
    createdAt: Timestamp,
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'KeyRotation' });
export type KeyRotation = z.infer<typeof KeyRotation>;

export const ProjectKeyVersion = z
  .object({
    version: KeyVersion,
    state: z.enum(['current', 'previous', 'retired']),
    /** Data keys that rest on it. */
    dataKeys: z.number().int(),
    createdAt: Timestamp,
    retiredAt: Timestamp.optional(),
  })
  .meta({ id: 'ProjectKeyVersion' });
export type ProjectKeyVersion = z.infer<typeof ProjectKeyVersion>;

/** Newest first. `rotation`: the last one that was asked for. */
export const ProjectKeys = z
  .object({ project: Name, versions: z.array(ProjectKeyVersion), rotation: KeyRotation.optional() })
  .meta({ id: 'ProjectKeys' });
export type ProjectKeys = z.infer<typeof ProjectKeys>;

// POST /api/v1/projects/{project}/keys/rotate ; …/keys/rotation/{cancel,resume} ; …/keys/{version}/retire
/** `fromVersion`: the version that the caller saw as current. A request that was sent before is refused, not repeated. */
export const RotateKey = z.object({ fromVersion: KeyVersion }).meta({ id: 'RotateKey' });
export type RotateKey = z.infer<typeof RotateKey>;
export const RetireKeyPath = z.object({ project: Name, version: z.coerce.number().pipe(KeyVersion) });
export type RetireKeyPath = z.infer<typeof RetireKeyPath>;

// The keybroker's side: POST /v1/keks/{rotate,rewrap,retire}
export const RotateKekRequest = z.object({ projectId: Id, fromVersion: KeyVersion });
export type RotateKekRequest = z.infer<typeof RotateKekRequest>;
export const RotateKekResponse = z.object({ kekId: z.string(), version: KeyVersion });
export type RotateKekResponse = z.infer<typeof RotateKekResponse>;

/** The next data keys after the id `after` that rest on an older version, in the order of their ids. */
export const RewrapRequest = z.object({
  projectId: Id,
  after: Id.optional(),
  limit: z.number().int().min(1).max(2_000),
});
export type RewrapRequest = z.infer<typeof RewrapRequest>;
/** `after`: where to go on; absent at the end. */
export const RewrapResponse = z.object({
  rewrapped: z.number().int(),
  unopened: z.number().int(),
  remaining: z.number().int(),
  after: Id.optional(),
});
export type RewrapResponse = z.infer<typeof RewrapResponse>;

export const RetireKekRequest = z.object({ projectId: Id, version: KeyVersion });
export type RetireKekRequest = z.infer<typeof RetireKekRequest>;
export const RetireKekResponse = z.object({ retiredAt: Timestamp });
export type RetireKekResponse = z.infer<typeof RetireKekResponse>;
