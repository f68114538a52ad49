import type { AuditPage, AuditRecord } from '@castellan/contracts';
import { Prisma, type DatabaseClient } from '@castellan/database';
import { columnText, type EntryRow } from './entry-row.js';
import { readRecordedEvent } from './recorded-event.js';

export interface AuditSearch {
  /** Only events of this organization. */
  readonly organizationId?: string;
  readonly actorId?: string;
  /** A whole action (`version.finalized`), or its first words (`version`). */
  readonly action?: string;
  readonly resourceId?: string;
  readonly decision?: 'allow' | 'deny';
  /** Included. */
  readonly from?: Date;
  /** Excluded. */
  readonly to?: Date;
  /** Anywhere in the event's text, in any case of letters. Not indexed: combine it with another condition. */
  readonly text?: string;
  /** Only leaves with a lower index: the `next` of the page before. */
  readonly before?: bigint;
  readonly limit: number;
}

/**
 * Events, newest first. The conditions go by columns that are derived from the leaves and prove nothing: who can write to
 * the database can hide a leaf from a search, though not from a verification. What is shown of a hit is read from its leaf.
 */
export async function searchEntries(
  client: DatabaseClient,
  search: AuditSearch,
): Promise<Omit<AuditPage, 'treeSize'>> {
  const rows: EntryRow[] = await client.auditEntry.findMany({
    where: conditions(search),
    orderBy: { index: 'desc' },
    take: search.limit + 1,
  });
  const page = rows.slice(0, search.limit);
  const last = page.at(-1);
  return {
    records: page.map(recordOf),
    ...(rows.length > page.length && last !== undefined ? { next: String(last.index) } : {}),
  };
}

function conditions(search: AuditSearch): Prisma.AuditEntryWhereInput {
  const { decision, from, to, before } = search;
  const [organizationId, actorId, resourceId, action, text] = [
    search.organizationId,
    search.actorId,
    search.resourceId,
    search.action,
    search.text,
  ].map((value) => (value === undefined ? undefined : columnText(value)));
  return {
    organizationId,
    actorId,
    resourceId,
    decision,
    ...(action === undefined
      ? {}
      : { OR: [{ action }, { action: { startsWith: `${escapeLike(action)}.` } }] }),
    ...(text === undefined ? {} : { event: { contains: escapeLike(text), mode: 'insensitive' as const } }),
    occurredAt: { gte: from, lt: to },
    index: { lt: before },
  };
}

/** Prisma passes `%` and `_` on to LIKE. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function recordOf(row: EntryRow): AuditRecord {
  const event = readRecordedEvent(row.event);
  const { actor, resource } = event ?? {};
  return {
    index: String(row.index),
    eventId: row.eventId,
    time: event?.time ?? row.occurredAt.toISOString(),
    action: event?.action ?? row.action,
    actor: actor?.name ?? actor?.id ?? actor?.kind ?? 'unknown',
    ...(resource === undefined ? {} : { resource: `${resource.kind}:${resource.id}` }),
    decision: event?.decision ?? 'deny',
    leafHash: Buffer.from(row.leafHash).toString('hex'),
    event: row.event,
  };
}
