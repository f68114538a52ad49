import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type AuditErrorCode =
  /** The event holds something that JSON cannot say, or an action that is not `noun.verb`. */
  | 'event_malformed'
  /** The event's text is longer than a log entry may be: record a digest instead. */
  | 'event_too_long'
  | 'person_keys_missing'
  /** The log has a leaf under this event's id already: a write that was retried, or another text under the same id. */
  | 'event_recorded'
  /** No such event is in the log. */
  | 'event_unknown'
  /** The event is durable, but no signed checkpoint covered it within the time allowed. It may still be. */
  | 'event_not_sequenced'
  /** The signer holds another last checkpoint than the one the proof starts from. `meta.last` is its note. */
  | 'checkpoint_conflict'
  /** The checkpoint offered for signature is not a growth of the last one. */
  | 'checkpoint_refused'
  /** Nothing has been signed yet, so there is nothing to read or prove. */
  | 'checkpoint_missing'
  /** The stored log is not the one that was signed. The platform refuses to go on until a person has looked. */
  | 'audit_fork_detected'
  /** The settings of a witness can not be read. */
  | 'witness_malformed'
  /** A witness does not answer, or not within the time allowed. */
  | 'witness_unavailable'
  /** A witness answered and did not cosign; the detail says why. */
  | 'witness_refused'
  /** A witness has seen a larger log than the stored one: the log was set back. */
  | 'witness_ahead'
  /** The time-stamp authority does not answer, or with an error. */
  | 'time_stamp_unavailable'
  /** The payload of the event has expired: only its leaf hash is kept. */
  | 'event_expired'
  /** Leaves may not expire: too young, of a class that is kept, unsigned or not what was signed. */
  | 'expiry_refused'
  /** A stored row or tile that the signed size calls for is absent or unreadable. */
  | 'log_incomplete';

export class AuditError extends CastellanError {
  declare readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}

/** What a person can do about it. */
const WAY_ON =
  'Nothing more is signed. If an older database was restored, restore the newest; to go on from this one, stop the platform and close this log with "castellan audit new-log".';

/** @param difference how the stored log differs from the signed one */
export function forkDetected(difference: string, cause?: unknown): AuditError {
  return new AuditError('audit_fork_detected', {
    kind: 'internal',
    publicDetail: `${difference} ${WAY_ON}`,
    cause,
  });
}

export function logIncomplete(publicDetail: string): AuditError {
  return new AuditError('log_incomplete', { kind: 'internal', publicDetail });
}

export function eventRecorded(cause: unknown): AuditError {
  return new AuditError('event_recorded', {
    kind: 'conflict',
    publicDetail: 'The log has an event of this id already.',
    cause,
  });
}
