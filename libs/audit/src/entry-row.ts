import { equalHashes, leafHash, type Hash } from '@castellan/merkle-log';
import type { RecordedEvent } from './audit-event.js';
import { readRecordedEvent } from './recorded-event.js';

/** A leaf with the columns that search goes by. Only `event` is hashed; the rest is derived from it and proves nothing. */
export interface EntryRow {
  readonly index: bigint;
  readonly eventId: string;
  readonly event: string;
  readonly leafHash: Hash;
  readonly occurredAt: Date;
  readonly organizationId: string | null;
  readonly actorId: string | null;
  readonly action: string;
  readonly resourceKind: string | null;
  readonly resourceId: string | null;
  readonly decision: string;
}

/** An unreadable leaf is kept as it came, under this action. */
export const UNREADABLE = 'audit.unreadable';

/**
 * The row of `event` at `index`. A text that is no event gets a row too: what reached the outbox is never dropped.
 * @param fallback the id and the time to file an unreadable text under
 */
export function entryRow(index: number, event: string, fallback: { id: string; createdAt: Date }): EntryRow {
  const hashed = { index: BigInt(index), event, leafHash: hashText(event) };
  const read = readRecordedEvent(event);
  return {
    ...hashed,
    eventId: fallback.id,
    occurredAt: timeOf(read) ?? fallback.createdAt,
    organizationId: column(read?.organizationId),
    actorId: column(read?.actor.id ?? read?.actor.name),
    action: column(read?.action) ?? UNREADABLE,
    resourceKind: column(read?.resource?.kind),
    resourceId: column(read?.resource?.id),
    decision: read?.decision ?? 'deny',
  };
}

/** A column holds what PostgreSQL can store and index; the leaf itself is kept whole whatever its strings hold. */
const COLUMN_LENGTH = 200;

/** What a column holds for `text`, and what a search for `text` must therefore look for. */
export function columnText(text: string): string {
  const column = text.slice(0, COLUMN_LENGTH).toWellFormed();
  return column.includes('\0') ? column.replaceAll('\0', '\ufffd') : column;
}

function column(text: string | undefined): string | null {
  return text === undefined ? null : columnText(text);
}

/** The event's own time, unless no clock of ours can have said it. */
function timeOf(event: RecordedEvent | undefined): Date | undefined {
  const time = new Date(event?.time ?? NaN);
  return time.getTime() > 0 ? time : undefined;
}

/** Whether the payload is gone and the hash of it is what is left. */
export function isExpired({ event, leafHash: hash }: Pick<EntryRow, 'event' | 'leafHash'>): boolean {
  return event === '' && !equalHashes(hash, hashText(event));
}

/** The RFC 6962 leaf hash of a leaf's text. */
export function hashText(event: string): Hash {
  return leafHash(Buffer.from(event));
}

/** The names of the search columns in which `row` differs from what its text says; none says anything when it has expired. */
export function differingColumns(row: EntryRow): string[] {
  if (isExpired(row)) return NAMING.filter((column) => row[column] !== null);
  const read = readRecordedEvent(row.event);
  const fallback = { id: read?.id ?? row.eventId, createdAt: row.occurredAt };
  const derived = entryRow(Number(row.index), row.event, fallback);
  const same = (column: keyof EntryRow): boolean => String(row[column]) === String(derived[column]);
  const hashIsSame = Buffer.compare(row.leafHash, derived.leafHash) === 0;
  return [...COLUMNS.filter((column) => !same(column)), ...(hashIsSame ? [] : ['leafHash'])];
}

const COLUMNS = [
  'eventId',
  'occurredAt',
  'organizationId',
  'actorId',
  'action',
  'resourceKind',
  'resourceId',
  'decision',
] as const satisfies readonly (keyof EntryRow)[];

/** What must not outlive the payload. */
const NAMING = ['actorId', 'resourceKind', 'resourceId'] as const;
