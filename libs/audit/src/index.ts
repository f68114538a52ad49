export { AuditError, type AuditErrorCode } from './audit-error.js';
export type { AuditEvent, EventActor, EventResource, EventSubject, RecordedEvent } from './audit-event.js';
export { PersonKeyAuthority, type StoredPersonKey } from './personal/person-key-authority.js';
export { PersonKeys } from './personal/person-keys.js';
export { PersonalAttributes } from './personal/personal-attributes.js';
export { OpenedLog } from './personal/opened-log.js';
export { openedEvent } from './personal/opened-event.js';
export { KeybrokerPersonKeys } from './personal/keybroker-person-keys.js';
export { readRecordedEvent } from './recorded-event.js';
export { defineEvents, details, type EventCatalogue, type EventKind } from './define-events.js';
export { systemClock, type Clock } from './event-id.js';
export { AuditLog } from './audit-log.js';
export type { Sequenced } from './sequencing-watch.js';
export { AuditModule } from './audit.module.js';
export {
  AuditReader,
  type AuditBacklog,
  type ProvedLeaf,
  type TimestampedCheckpoint,
} from './audit-reader.js';
export type { AuditFilter, AuditSearch } from './search/search-entries.js';
export { auditFilterOf } from './search/audit-filter-of.js';
export { SearchIndex } from './search/search-index.js';
export { Sequencer, type SequencerOptions } from './sequencer.js';
export { CheckpointSigner, type CheckpointRequest } from './checkpoint-signer.js';
export { CheckpointAuthority, CheckpointMemory } from './checkpoint-authority.js';
export type { LogIdentity } from './log-identity.js';
export { verifyLog, type LogToVerify, type LogVerdict, type ReadEntries } from './verify-log.js';
export { verifyLogFolder, type LogFolderToVerify } from './verify-log-folder.js';
export { verifyStoredLog } from './verify-stored-log.js';
export type { LogFault, LogFaultCode } from './log-fault.js';
export { LogAlarm, type LogAlarmCode } from './monitor/log-alarm.js';
export { visitLog, type LogVisit } from './monitor/visit-log.js';
export { readNewEntries } from './monitor/read-new-entries.js';
export { Witnessing, type WitnessingOptions } from './witness/witnessing.js';
export { readWitnesses, type Witness } from './witness/witness.js';
export {
  TimeStamping,
  type TimeStampAuthority,
  type TimeStampingOptions,
} from './time-stamp/time-stamping.js';
export { eventClassOf, legalMinima, type Minima } from './retention/event-class.js';
export { EXPIRY_PATIENCE, expirePayloads } from './retention/expire-payloads.js';
export { expiryEventMeanings, payloadsExpired } from './retention/expiry-event.js';
export { MAX_PERMIT_RANGES, permittedBy } from './retention/expiry-permit.js';
export { renewPermits } from './retention/renew-permits.js';
export { ExpiryAuthority } from './retention/expiry-authority.js';
export { formatRanges, indexesOf, type IndexRange, parseRanges, rangesOf } from './retention/index-ranges.js';
export { retentionConfig, type RetentionConfig } from './retention/retention.config.js';
export { closeStoredLog } from './close-stored-log.js';
