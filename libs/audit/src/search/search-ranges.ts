import { Prisma, type Tx } from '@castellan/database';
import { PrismaLogStore } from '../prisma-log-store.js';
import { indexedLeaves, RANGE_LEAVES } from './search-index.js';

/** Leaves `begin` (included) to `end` (excluded). */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

interface RangeConditions {
  /** A tsquery; absent: all of them. */
  readonly query?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly before?: bigint | undefined;
}

/** The `limit` newest ranges, newest first, in which there may be a hit: leaves that are not indexed yet, then those by their terms. */
export async function searchRanges(
  tx: Tx,
  { query, from, to, before }: RangeConditions,
  limit: number,
): Promise<LeafRange[]> {
  const indexed = await indexedLeaves(tx);
  const size = await new PrismaLogStore(tx).size();
  const end = before === undefined ? size : Math.min(size, Number(before));
  const ranges = unindexedRanges(indexed, end, limit);
  if (ranges.length === limit) return ranges;
  const conditions = [Prisma.sql`"begin" < ${end}`];
  if (query !== undefined) conditions.push(Prisma.sql`terms @@ ${query}::tsquery`);
  if (from !== undefined) conditions.push(Prisma.sql`"lastAt" >= ${from}`);
  if (to !== undefined) conditions.push(Prisma.sql`"firstAt" < ${to}`);
  // The planner does not know how dear it is to read a term list that is stored out of line.
  await tx.$executeRaw`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', ${
    query === undefined ? 'on' : 'off'
  }, true)`;
  const found = await tx.$queryRaw<{ begin: bigint; end: bigint }[]>`
    SELECT "begin", "end" FROM "AuditSearchRange" WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY "begin" DESC LIMIT ${limit - ranges.length}`;
  await tx.$executeRaw`SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)`;
  return [...ranges, ...found.map((range) => ({ begin: Number(range.begin), end: Number(range.end) }))];
}

function unindexedRanges(indexed: number, end: number, limit: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  for (let last = end; last > indexed && ranges.length < limit; last = ranges.at(-1)?.begin ?? indexed)
    ranges.push({ begin: Math.max(indexed, last - RANGE_LEAVES), end: last });
  return ranges;
}
