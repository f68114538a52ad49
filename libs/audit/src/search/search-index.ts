import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Tx } from '@castellan/database';
import type { EntryRow } from '../entry-row.js';
import { PrismaLogStore } from '../prisma-log-store.js';
import { termsOf } from './search-terms.js';

/** Leaves of one range: as many as a tile has. */
export const RANGE_LEAVES = 256;

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

  /** Indexes the next full range, if there is one and nobody else is at it. @returns leaves indexed */
  round(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const [lock] = await tx.$queryRaw<{ led: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(${INDEX_LOCK}::bigint) AS led`;
      if (lock?.led !== true) return 0;
      const begin = await indexedLeaves(tx);
      const rows = await new PrismaLogStore(tx).rows(begin, begin + RANGE_LEAVES);
      // A range with a hole is left to be read: holes are for verifiers, and may be filled again.
      if (rows.length < RANGE_LEAVES) return 0;
      await writeRanges(tx, rows);
      return rows.length;
    }, PATIENCE);
  }
}

/** How many leaves, from the first on, the index covers. */
export async function indexedLeaves(tx: Pick<Tx, 'auditSearchRange'>): Promise<number> {
  const { _max } = await tx.auditSearchRange.aggregate({ _max: { end: true } });
  return Number(_max.end ?? 0n);
}

async function writeRanges(tx: Tx, rows: readonly EntryRow[]): Promise<void> {
  const terms = [...termsOf(rows)];
  const bytes = terms.reduce((sum, term) => sum + Buffer.byteLength(term), 0);
  if (bytes > MAX_TERM_BYTES && rows.length > 1) {
    const half = rows.length >> 1;
    await writeRanges(tx, rows.slice(0, half));
    await writeRanges(tx, rows.slice(half));
    return;
  }
  const [begin, end] = [rows[0]?.index ?? 0n, (rows.at(-1)?.index ?? 0n) + 1n];
  const times = rows.map(({ occurredAt }) => occurredAt.getTime());
  const [firstAt, lastAt] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  await tx.$executeRaw`
    INSERT INTO "AuditSearchRange" ("begin", "end", "firstAt", "lastAt", terms)
    VALUES (${begin}, ${end}, ${firstAt}, ${lastAt}, array_to_tsvector(${terms}::text[]))
    ON CONFLICT ("begin") DO UPDATE SET terms = excluded.terms, "firstAt" = excluded."firstAt", "lastAt" = excluded."lastAt"`;
}

/** Makes the terms of every range that has one of these leaves again, from what the leaves say now. */
export async function indexAgain(tx: Tx, leaves: readonly bigint[]): Promise<void> {
  const ranges = await tx.$queryRaw<{ begin: bigint; end: bigint }[]>`
    SELECT DISTINCT r."begin", r."end" FROM unnest(${leaves}::bigint[]) AS leaf
    JOIN "AuditSearchRange" r ON r."begin" <= leaf AND leaf < r."end"`;
  for (const { begin, end } of ranges)
    await writeRanges(tx, await new PrismaLogStore(tx).rows(Number(begin), Number(end)));
}
