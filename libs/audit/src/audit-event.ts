import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import { MAX_ENTRY_BYTES } from '@castellan/merkle-log';
import { AuditError } from './audit-error.js';

/** Who did it. A process acts for itself; `anonymous` is whoever could not show who they are. */
export interface EventActor {
  readonly kind: 'person' | 'process' | 'anonymous';
  readonly id?: string;
  readonly name?: string;
  /** The session, key or certificate that was used: an identifier, never the secret. */
  readonly credentialId?: string;
  /** Public half of the person's key: name and source go into the log sealed under it. Not itself in the log. */
  readonly sealTo?: Uint8Array;
  /** In the log: name and source as `PersonalSealer` sealed them. */
  readonly sealed?: string;
}

/** A person whom the event is about, besides whoever acts. */
export interface EventSubject {
  readonly id: string;
  /** As of the actor; without it, what is personal is left out. */
  readonly sealTo?: Uint8Array;
  readonly sealed?: string;
  /** Never in the log in clear. */
  readonly personal?: { readonly [name: string]: string };
}

export interface EventResource {
  readonly kind: string;
  readonly id: string;
  readonly digest?: string;
}

/** Something that was done, or refused, and must be accounted for. Holds no secrets and no protected data. */
export interface AuditEvent {
  /** `noun.verb` in the past tense, such as `version.finalized`. */
  readonly action: string;
  readonly actor: EventActor;
  readonly resource?: EventResource;
  readonly subject?: EventSubject;
  readonly organizationId?: string;
  readonly decision: 'allow' | 'deny';
  readonly reason?: string;
  readonly requestId?: string;
  /** Network address that the request came from. */
  readonly source?: string;
  readonly details?: { readonly [member: string]: JsonValue };
}

/** An event as it stands in the log. */
export interface RecordedEvent extends AuditEvent {
  /** UUID, version 7. */
  readonly id: string;
  /** ISO 8601 UTC: what the recording process's clock said. The log proves order, not time. */
  readonly time: string;
}

export const ACTION = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;

/**
 * The leaf: canonical JSON (RFC 8785) of the event with its id and time; members that are undefined are left out. This
 * text is what is stored and hashed, and nobody serialises it again.
 * @throws AuditError `event_malformed`, `event_too_long`
 */
export function leafText(event: AuditEvent, id: string, time: Date): string {
  if (!ACTION.test(event.action)) throw malformed(`${JSON.stringify(event.action)} is not an action.`);
  const text = canonicalText({ ...event, id, time: time.toISOString() });
  if (Buffer.byteLength(text) > MAX_ENTRY_BYTES)
    throw new AuditError('event_too_long', {
      kind: 'invalid',
      publicDetail: `An audit event takes at most ${MAX_ENTRY_BYTES} bytes.`,
    });
  return text;
}

function canonicalText(event: RecordedEvent): string {
  try {
    return canonicalize(withoutUndefined(event));
  } catch (cause) {
    throw malformed('The event holds something that JSON cannot say.', cause);
  }
}

/** Optional members may be present and undefined; JSON has no such thing. */
function withoutUndefined({ actor, resource, subject, ...rest }: RecordedEvent): {
  [member: string]: JsonValue;
} {
  const defined = (members: object): { [member: string]: JsonValue } =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  return {
    ...defined(rest),
    actor: defined({ ...actor, sealTo: undefined }),
    ...(resource && { resource: defined(resource) }),
    ...(subject && { subject: defined({ ...subject, sealTo: undefined, personal: undefined }) }),
  };
}

function malformed(publicDetail: string, cause?: unknown): AuditError {
  return new AuditError('event_malformed', { kind: 'invalid', publicDetail, cause });
}
