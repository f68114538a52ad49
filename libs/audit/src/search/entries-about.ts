import { Prisma, type DatabaseClient } from '@castellan/database';
import { columnText, type EntryRow } from '../entry-row.js';
import { searchRanges } from './search-ranges.js';
import { resourceQuery } from './search-terms.js';

/** Ranges that are looked into at once: few first, since the newest leaves may be all that is wanted. */
const [FIRST_STEP, LAST_STEP] = [8, 1_024];

/** Every range: PostgreSQL's largest integer. */
const ALL = 2 ** 31 - 1;

interface EntriesAbout {
  readonly action?: string | undefined;
  /** Only leaves with a lower index. */
  readonly before?: bigint;
  readonly limit?: number;
}

/**
 * Leaves about any of these resources (by id), newest first. The search index says in which ranges they may be, and ranges
 * that it has not reached are read: an index of their own would cost the sequencer a third of its time.
 */
export async function entriesAbout(
  client: DatabaseClient,
  resources: readonly string[],
  { action, before, limit = ALL }: EntriesAbout,
): Promise<EntryRow[]> {
  if (resources.length === 0) return [];
  const ids = resources.map(columnText);
  const conditions = { query: resourceQuery(ids), from: undefined, to: undefined, before };
  const ranges = await searchRanges(client, conditions, ALL);
  const rows: EntryRow[] = [];
  let step = FIRST_STEP;
  for (let done = 0; done < ranges.length && rows.length < limit; done += step) {
    step = Math.min(2 * step, LAST_STEP);
    const some = ranges.slice(done, done + step);
    rows.push(
      ...(await client.$queryRaw<EntryRow[]>`
        SELECT e.* FROM unnest(${some.map(({ begin }) => begin)}::bigint[], ${some.map(({ end }) => end)}::bigint[]) AS range (b, e)
        JOIN LATERAL (
          SELECT * FROM "AuditEntry" WHERE index >= range.b AND index < range.e AND "resourceId" = ANY(${ids}::text[])
          OFFSET 0) e ON true
        WHERE ${action === undefined ? Prisma.sql`true` : Prisma.sql`e.action = ${action}`}
          AND ${before === undefined ? Prisma.sql`true` : Prisma.sql`e.index < ${before}`}
        ORDER BY e.index DESC LIMIT ${limit - rows.length}`),
    );
  }
  return rows;
}
