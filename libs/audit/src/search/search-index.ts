import { setTimeout as sleep } from 'node:timers/promises';
import { rowsOf, textArray, type Database, type Tx } from '@castellan/database';
import type { EntryRow } from '../entry-row.js';
import { PrismaLogStore } from '../prisma-log-store.js';
import { termsOf } from './search-terms.js';

/** Leaves of one range: as many as a tile has. */
export const RANGE_LEAVES = 256;

/** So many ranges are made in one transaction, at most. */
const MOST_RANGES = 32;

/** PostgreSQL takes a tsvector of less than 1 MiB; ranges of long events are cut until theirs fits. */
const MAX_TERM_BYTES = 700_000;

/** A range may take long on a busy disk, and nobody waits for it. */
const PATIENCE = { timeoutMs: 120_000 };

/** "srch" in ASCII. */
const INDEX_LOCK = 0x7372_6368n;

/**
 * Keeps the terms of full ranges of leaves, so that a search need not read the others. It runs behind the sequencer and
 * never holds it up; leaves that it has not reached are found by being read. What it writes proves nothing and can be
 * made again from the leaves.
 */
export class SearchIndex {
  constructor(private readonly database: Database) {}

  /** Indexes until `signal` aborts. A failed round is told to `onFailure` and tried again. */
  async run(signal: AbortSignal, onFailure: (error: unknown) => void = () => undefined): Promise<void> {
    while (!signal.aborted) {
      const indexed = await this.round().catch((error: unknown) => {
        onFailure(error);
        return 0;
      });
      if (indexed === 0) await sleep(1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Indexes the next full ranges, if there are any and nobody else is at it. @returns leaves indexed */
  round(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const [lock] = await tx.$queryRaw<{ led: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(${INDEX_LOCK}::bigint) AS led`;
      if (lock?.led !== true) return 0;
      const begin = await indexedLeaves(tx);
      const ranges = fullRanges(
        await new PrismaLogStore(tx).rows(begin, begin + MOST_RANGES * RANGE_LEAVES),
        begin,
      );
      let writing = Promise.resolve();
      for (const rows of ranges) {
        const ready = describedRanges(rows);
        // In this order: while the database writes one range, the terms of the next are made here.
        await writing;
        writing = writeRanges(tx, ready);
      }
      await writing;
      return ranges.length * RANGE_LEAVES;
    }, PATIENCE);
  }
}

/** How many leaves, from the first on, the index covers. */
export async function indexedLeaves(tx: Pick<Tx, 'auditSearchRange'>): Promise<number> {
  const { _max } = await tx.auditSearchRange.aggregate({ _max: { end: true } });
  return Number(_max.end ?? 0n);
}

/** The ranges from `begin` on up to the first with a hole: holes are left to be read, are for verifiers, and may be filled again. */
function fullRanges(rows: readonly EntryRow[], begin: number): EntryRow[][] {
  const hole = rows.findIndex(({ index }, i) => Number(index) !== begin + i);
  const count = Math.floor((hole < 0 ? rows.length : hole) / RANGE_LEAVES);
  return Array.from({ length: count }, (_, i) => rows.slice(i * RANGE_LEAVES, (i + 1) * RANGE_LEAVES));
}

interface DescribedRange {
  readonly rows: readonly EntryRow[];
  readonly terms: readonly string[];
}

/** A run of leaves as one range, or as several when their terms are too many. */
function describedRanges(rows: readonly EntryRow[]): DescribedRange[] {
  const terms = [...termsOf(rows)];
  const bytes = terms.reduce((sum, term) => sum + Buffer.byteLength(term), 0);
  if (bytes <= MAX_TERM_BYTES || rows.length === 1) return [{ rows, terms }];
  const half = rows.length >> 1;
  return [...describedRanges(rows.slice(0, half)), ...describedRanges(rows.slice(half))];
}

async function writeRanges(tx: Tx, ranges: readonly DescribedRange[]): Promise<void> {
  await Promise.all(ranges.map((range) => writeRange(tx, range)));
}

async function writeRange(tx: Tx, { rows, terms }: DescribedRange): Promise<void> {
  const [begin, end] = [rows[0]?.index ?? 0n, (rows.at(-1)?.index ?? 0n) + 1n];
  const times = rows.map(({ occurredAt }) => occurredAt.getTime());
  const [firstAt, lastAt] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  await rowsOf(tx, {
    text: `
      INSERT INTO "AuditSearchRange" ("begin", "end", "firstAt", "lastAt", terms)
      VALUES ($1, $2, $3, $4, array_to_tsvector($5::text[]))
      ON CONFLICT ("begin") DO UPDATE SET terms = excluded.terms, "firstAt" = excluded."firstAt", "lastAt" = excluded."lastAt"`,
    values: [String(begin), String(end), firstAt.toISOString(), lastAt.toISOString(), textArray(terms)],
  });
}

/** Makes the terms of every range that has one of these leaves again, from what the leaves say now. */
export async function indexAgain(tx: Tx, leaves: readonly bigint[]): Promise<void> {
  const ranges = await tx.$queryRaw<{ begin: bigint; end: bigint }[]>`
    SELECT DISTINCT r."begin", r."end" FROM unnest(${leaves}::bigint[]) AS leaf
    JOIN "AuditSearchRange" r ON r."begin" <= leaf AND leaf < r."end"`;
  for (const { begin, end } of ranges)
    await writeRanges(tx, describedRanges(await new PrismaLogStore(tx).rows(Number(begin), Number(end))));
}
