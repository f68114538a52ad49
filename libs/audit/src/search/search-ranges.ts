import type { DatabaseClient } from '@castellan/database';

/** Leaves `begin` (included) to `end` (excluded). */
export interface LeafRange {
  readonly begin: bigint;
  readonly end: bigint;
}

interface RangeConditions {
  /** A tsquery that ranges must satisfy. */
  readonly query: string | undefined;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  readonly before: bigint | undefined;
}

/** The `limit` newest ranges, newest first, in which there may be a hit. */
export function searchRanges(
  client: DatabaseClient,
  { query, from, to, before }: RangeConditions,
  limit: number,
): Promise<LeafRange[]> {
  return client.$queryRaw<LeafRange[]>`
    SELECT * FROM audit_search_ranges(
      ${query ?? null}::tsquery, ${from ?? null}::timestamp, ${to ?? null}::timestamp, ${before ?? null}::bigint, ${limit}::int)`;
}
