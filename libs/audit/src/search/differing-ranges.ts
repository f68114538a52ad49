import type { DatabaseClient } from '@castellan/database';
import type { EntryRow } from '../entry-row.js';
import type { LogFault } from '../log-fault.js';
import { indexedLeaves } from './search-index.js';
import { termsOf } from './search-terms.js';

interface StoredRange {
  readonly begin: bigint;
  readonly end: bigint;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly terms: readonly string[];
}

/**
 * How the search index of leaves `begin` to `end` differs from what they say. A range that leaves out a term, or is left out
 * itself although the index goes on behind it, hides leaves from searches.
 * @param rows the stored leaves, in order
 */
export async function differingRanges(
  client: DatabaseClient,
  { begin, end }: { readonly begin: number; readonly end: number },
  rows: readonly EntryRow[],
): Promise<LogFault[]> {
  const [ranges, indexed] = await Promise.all([
    client.$queryRaw<StoredRange[]>`
      SELECT "begin", "end", "firstAt", "lastAt", tsvector_to_array(terms) AS terms FROM "AuditSearchRange"
      WHERE "begin" >= ${begin} AND "begin" < ${end} ORDER BY "begin"`,
    indexedLeaves(client),
  ]);
  const wrong = ranges.filter((range) => !saysSame(range, rows)).map(rangeDiffers);
  const covered = Math.min(end, Math.max(begin, indexed));
  const isCovered =
    ranges.reduce((at, range) => (Number(range.begin) === at ? Number(range.end) : -1), begin) === covered;
  return isCovered || wrong.length > 0
    ? wrong
    : [rangeDiffers({ begin: BigInt(begin), end: BigInt(covered) })];
}

function saysSame({ begin, end, firstAt, lastAt, terms }: StoredRange, rows: readonly EntryRow[]): boolean {
  const described = rows.filter(({ index }) => index >= begin && index < end);
  const times = described.map(({ occurredAt }) => occurredAt.getTime());
  const expected = termsOf(described);
  return (
    BigInt(described.length) === end - begin &&
    firstAt.getTime() <= Math.min(...times) &&
    lastAt.getTime() >= Math.max(...times) &&
    terms.length === expected.size &&
    terms.every((term) => expected.has(term))
  );
}

function rangeDiffers({ begin, end }: Pick<StoredRange, 'begin' | 'end'>): LogFault {
  const detail = `The search index of leaves ${begin} to ${end - 1n} does not say what they say.`;
  return { index: Number(begin), code: 'index_differs', detail };
}
