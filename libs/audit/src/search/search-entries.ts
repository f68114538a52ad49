import type { AuditPage, AuditRecord } from '@castellan/contracts';
import { Prisma, type DatabaseClient } from '@castellan/database';
import { columnText, type EntryRow, isExpired } from '../entry-row.js';
import { readRecordedEvent } from '../recorded-event.js';
import { type LeafRange, searchRanges } from './search-ranges.js';
import { rangeQuery } from './search-terms.js';

/** Which events. All conditions hold at once. */
export interface AuditFilter {
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
  /** In the event's text, from the beginning of a word on, in any case of letters. */
  readonly text?: string;
}

export interface AuditSearch extends AuditFilter {
  /** Only leaves with a lower index: the `next` of the page before. */
  readonly before?: bigint;
  readonly limit: number;
}

/** Ranges looked into for one page, in growing steps. Comparing texts is dear: fewer ranges of them take as long. */
const COLUMN_STEPS = [4, 16, 42];
const TEXT_STEPS = [4, 12];

/**
 * Events, newest first. A page takes bounded work however many leaves there are: when that is used up, the page is
 * shorter than `limit` and its `next` says how far the search has come.
 *
 * The conditions go by columns and terms that are derived from the leaves and prove nothing: who can write to the database
 * can hide a leaf from a search, though not from a verification. What is shown of a hit is read from its leaf.
 */
export async function searchEntries(
  client: DatabaseClient,
  search: AuditSearch,
): Promise<Omit<AuditPage, 'treeSize'>> {
  const { rows, next } = await findRows(client, search);
  return { records: rows.map(recordOf), ...(next === undefined ? {} : { next: String(next) }) };
}

/** The rows of a page, and the index below which the next page goes on; `undefined` at the beginning of the log. */
async function findRows(
  client: DatabaseClient,
  search: AuditSearch,
): Promise<{ rows: EntryRow[]; next?: bigint | undefined }> {
  const filter = withColumnTexts(search);
  const { from, to, before } = search;
  const steps = search.text === undefined ? COLUMN_STEPS : TEXT_STEPS;
  const most = steps.reduce((sum, step) => sum + step);
  const ranges = await searchRanges(client, { query: rangeQuery(filter), from, to, before }, most);
  const conditions = rowConditions(filter, before);
  const rows: EntryRow[] = [];
  let done = 0;
  for (const step of steps) {
    const some = ranges.slice(done, done + step);
    if (some.length === 0) return { rows };
    done += some.length;
    rows.push(...(await rowsIn(client, some, conditions, search.limit + 1 - rows.length)));
    const page = rows.slice(0, search.limit);
    if (rows.length > page.length) return { rows: page, next: page.at(-1)?.index };
  }
  const lowest = ranges.at(-1)?.begin ?? 0n;
  return lowest === 0n || ranges.length < most ? { rows } : { rows, next: lowest };
}

function rowsIn(
  client: DatabaseClient,
  ranges: readonly LeafRange[],
  conditions: Prisma.Sql,
  limit: number,
): Promise<EntryRow[]> {
  const begins = ranges.map(({ begin }) => begin);
  const ends = ranges.map(({ end }) => end);
  return client.$queryRaw<EntryRow[]>`
    SELECT e.* FROM unnest(${begins}::bigint[], ${ends}::bigint[]) AS range (b, e)
    CROSS JOIN LATERAL (
      SELECT * FROM "AuditEntry" WHERE index >= range.b AND index < range.e AND ${conditions}
      ORDER BY index DESC LIMIT ${limit}) e
    ORDER BY e.index DESC LIMIT ${limit}`;
}

/** What the columns hold for the texts that are looked for. */
function withColumnTexts(filter: AuditFilter): AuditFilter {
  const texts = Object.entries(filter).map(([name, value]) => [
    name,
    typeof value === 'string' ? columnText(value) : value,
  ]);
  return Object.fromEntries(texts);
}

function rowConditions(filter: AuditFilter, before: bigint | undefined): Prisma.Sql {
  const { organizationId, actorId, action, resourceId, decision, from, to, text } = filter;
  const conditions = [Prisma.sql`true`];
  if (organizationId !== undefined) conditions.push(Prisma.sql`"organizationId" = ${organizationId}`);
  if (actorId !== undefined) conditions.push(Prisma.sql`"actorId" = ${actorId}`);
  if (resourceId !== undefined) conditions.push(Prisma.sql`"resourceId" = ${resourceId}`);
  if (decision !== undefined) conditions.push(Prisma.sql`decision = ${decision}`);
  if (action !== undefined)
    conditions.push(Prisma.sql`(action = ${action} OR starts_with(action, ${`${action}.`}))`);
  if (from !== undefined) conditions.push(Prisma.sql`"occurredAt" >= ${from}`);
  if (to !== undefined) conditions.push(Prisma.sql`"occurredAt" < ${to}`);
  if (text !== undefined) conditions.push(Prisma.sql`lower(event) LIKE lower(${`%${escapeLike(text)}%`})`);
  if (before !== undefined) conditions.push(Prisma.sql`index < ${before}`);
  return Prisma.join(conditions, ' AND ');
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

export function recordOf(row: EntryRow): AuditRecord {
  const event = readRecordedEvent(row.event);
  const { actor, resource } = event ?? {};
  const expired = isExpired(row);
  return {
    index: String(row.index),
    eventId: row.eventId,
    time: event?.time ?? row.occurredAt.toISOString(),
    action: event?.action ?? row.action,
    actor: expired ? '' : (actor?.name ?? actor?.id ?? actor?.kind ?? 'unknown'),
    ...(resource === undefined ? {} : { resource: `${resource.kind}:${resource.id}` }),
    decision: event?.decision ?? (row.decision === 'allow' ? 'allow' : 'deny'),
    ...(expired && { expired }),
    leafHash: Buffer.from(row.leafHash).toString('hex'),
    event: row.event,
  };
}
