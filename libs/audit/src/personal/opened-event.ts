import type { AuditRecord } from '@castellan/contracts';
import type { RecordedEvent } from '../audit-event.js';
import { readRecordedEvent } from '../recorded-event.js';

/** The event of a record, with the personal attributes that were opened in it (`PersonalAttributes`) in their places. */
export function openedEvent({ event, personal }: AuditRecord): RecordedEvent | undefined {
  const read = readRecordedEvent(event);
  if (read === undefined || personal === undefined) return read;
  const { name, source, subject } = personal;
  return {
    ...read,
    ...(source === undefined ? {} : { source }),
    actor: { ...read.actor, ...(name === undefined ? {} : { name }) },
    ...(read.subject && { subject: { ...read.subject, ...(subject && { personal: subject }) } }),
  };
}
