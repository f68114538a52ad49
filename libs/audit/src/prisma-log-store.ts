import {
  beforeCommit,
  BinaryRows,
  copyRows,
  isUniqueViolation,
  rowsOf,
  textArray,
  type DatabaseClient,
  type Tx,
} from '@castellan/database';
import { decodeTile, encodeTile, type ReadTile, type Tile } from '@castellan/merkle-log';
import { eventRecorded, logIncomplete } from './audit-error.js';
import type { EntryRow } from './entry-row.js';

/** An event that is durable but not yet in the tree. */
export interface OutboxEvent {
  readonly id: string;
  readonly event: string;
  readonly createdAt: Date;
}

export interface ClaimedEvent extends OutboxEvent {
  /** Which transaction wrote it as it was read: PostgreSQL's `xmin`. */
  readonly version: string;
  /** The leaf that is in the log under this id already, if that was looked for. */
  readonly recorded?: string | undefined;
}

export interface StoredCheckpoint {
  readonly size: bigint;
  readonly note: string;
}

/** Reads inside and outside of transactions. */
type Queries =
  | Pick<
      DatabaseClient,
      | 'auditEntry'
      | 'auditTile'
      | 'auditCheckpoint'
      | 'auditWitnessedCheckpoint'
      | 'auditTimestamp'
      | 'auditOutbox'
      | '$queryRaw'
      | '$executeRaw'
    >
  | Tx;

/** A checkpoint, and when it existed by a time-stamp authority's clock. */
export interface StoredTimestamp extends StoredCheckpoint {
  /** DER of the TimeStampToken over the note. */
  readonly token: Uint8Array;
  readonly stampedAt: Date;
}

/** A batch's texts together, when some are long: what the sequencer may hold in memory at once. */
const MAX_CLAIM_BYTES = 8 * 1024 * 1024;

/** Nearly all texts are shorter by far. A longer one is read by itself, so that a batch of others need not be measured. */
const LONG_TEXT_BYTES = 8 * 1024;

/** "cast" in ASCII: one log, one lock. */
const SEQUENCER_LOCK = 0x6361_7374n;

/**
 * The tables of the log, in the words of the log. What comes by the thousand travels as one parameter, or one a column, and
 * never as one a value. PostgreSQL unescapes JSON to the same text; NUL, the one character that it has no place for, is an
 * escape sequence in canonical JSON.
 */
export class PrismaLogStore {
  constructor(private readonly queries: Queries) {}

  /** Whether this transaction, alone among all sequencers, may append until it ends. */
  async tryLead(): Promise<boolean> {
    const rows = await this.queries.$queryRaw<{ led: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(${SEQUENCER_LOCK}::bigint) AS led`;
    return rows[0]?.led === true;
  }

  /** Records events as waiting: all of them or none. */
  async enqueue(events: readonly Pick<OutboxEvent, 'id' | 'event'>[]): Promise<void> {
    await this.queries.$executeRaw`
      INSERT INTO "AuditOutbox" (id, event)
      SELECT id, event FROM json_to_recordset(${JSON.stringify(events)}::json) AS waiting (id text, event text)`;
  }

  /** Has an event recorded as waiting when `tx` commits, in the commit's own round trip. */
  static enqueueAtCommit(tx: Tx, { id, event }: Pick<OutboxEvent, 'id' | 'event'>): Promise<void> {
    const text = 'INSERT INTO "AuditOutbox" (id, event) VALUES ($1, $2)';
    return beforeCommit(tx, { text, values: [id, event] });
  }

  /** Whether any event waits to be claimed. */
  async isWaiting(): Promise<boolean> {
    // In the order of the ids: places of claimed events that are not cleared away yet are passed over in the index.
    const first = await this.queries.auditOutbox.findFirst({ orderBy: { id: 'asc' }, select: { id: true } });
    return first !== null;
  }

  /**
   * Up to `limit` of the oldest waiting events with ids above `after`, fewer when there are long ones among them. Whether
   * the log has them already is not looked for: that would cost as much as all the rest.
   */
  async waiting(limit: number, after = ''): Promise<ClaimedEvent[]> {
    const rows = await rowsOf(this.queries, {
      text: `
        SELECT id, CASE WHEN octet_length(event) <= ${LONG_TEXT_BYTES} THEN event END, "createdAt"::text, xmin::text
        FROM "AuditOutbox" WHERE id > $1 ORDER BY id LIMIT $2::text::int`,
      values: [after, String(limit)],
    });
    const long = rows.findIndex(([, event]) => event === null);
    if (long === 0) return this.waitingLookedUp(limit, after);
    return (long < 0 ? rows : rows.slice(0, long)).map(claimedEvent);
  }

  /** The same, measured one by one, each with the leaf that has its id already, if one does. */
  async waitingLookedUp(limit: number, after = ''): Promise<ClaimedEvent[]> {
    const rows = await rowsOf(this.queries, {
      text: `
        SELECT w.id, w.event, w."createdAt"::text, w.version::text, e.event AS recorded
        FROM (SELECT *, sum(octet_length(event)) OVER (ORDER BY id) - octet_length(event) AS before
              FROM (SELECT id, event, "createdAt", xmin AS version FROM "AuditOutbox" WHERE id > $1
                    ORDER BY id LIMIT $2::text::int) oldest) w
        LEFT JOIN LATERAL (SELECT event FROM "AuditEntry" WHERE "eventId" = w.id LIMIT 1) e ON true
        WHERE w.before <= ${MAX_CLAIM_BYTES} ORDER BY w.id`,
      values: [after, String(limit)],
    });
    return rows.map(claimedEvent);
  }

  /**
   * Puts `rows` into the log and takes `claimed` out of the outbox. Events are claimed by being deleted and not by "later
   * than the last one seen": one with an earlier id may commit after one with a later id. Claimed is the very version that was
   * read.
   * @throws AuditError `log_incomplete` when the outbox is not what was read from it, `event_recorded` when the log has one of
   * the ids already. The transaction is then to be rolled back.
   */
  async integrate(claimed: readonly ClaimedEvent[], rows: readonly EntryRow[]): Promise<void> {
    const [, [deleted]] = await Promise.all([this.#insert(rows), this.#delete(claimed)]);
    if (Number(deleted?.[0]) !== claimed.length)
      throw logIncomplete('The outbox changed under the hands of the sequencer.');
  }

  async #insert(rows: readonly EntryRow[]): Promise<void> {
    const entries = new BinaryRows(11);
    for (const row of rows)
      entries
        .row()
        .bigint(row.index)
        .text(row.eventId)
        .text(row.event)
        .bytes(row.leafHash)
        .timestamp(row.occurredAt)
        .text(row.organizationId)
        .text(row.actorId)
        .text(row.action)
        .text(row.resourceKind)
        .text(row.resourceId)
        .text(row.decision);
    const statement = `
      COPY "AuditEntry" (index, "eventId", event, "leafHash", "occurredAt", "organizationId", "actorId", action,
                         "resourceKind", "resourceId", decision) FROM STDIN BINARY`;
    try {
      await copyRows(this.queries, statement, entries);
    } catch (cause) {
      if (isUniqueViolation(cause)) throw eventRecorded(cause);
      throw cause;
    }
  }

  /**
   * A version that was written after the reading has another writer than all that were read: what one transaction wrote was
   * read as a whole or not at all.
   */
  #delete(claimed: readonly ClaimedEvent[]): Promise<unknown[][]> {
    return rowsOf(this.queries, {
      text: `
        WITH gone AS (DELETE FROM "AuditOutbox" WHERE id = ANY($1::text[]) AND xmin = ANY($2::xid[]) RETURNING 1)
        SELECT count(*)::text FROM gone`,
      values: [
        textArray(claimed.map(({ id }) => id)),
        textArray([...new Set(claimed.map(({ version }) => version))]),
      ],
    });
  }

  /** Number of integrated leaves, signed or not. */
  async size(): Promise<number> {
    const last = await this.queries.auditEntry.findFirst({
      orderBy: { index: 'desc' },
      select: { index: true },
    });
    return last === null ? 0 : Number(last.index) + 1;
  }

  /** Rows of leaves `begin` (included) to `end` (excluded), by index. A row that is gone leaves a gap. */
  async rows(begin: number, end: number): Promise<EntryRow[]> {
    return this.queries.auditEntry.findMany({
      where: { index: { gte: begin, lt: end } },
      orderBy: { index: 'asc' },
    });
  }

  /** Indexes of rows that stand before the first leaf, where the sequencer never writes. */
  async foreignIndexes(): Promise<bigint[]> {
    const rows = await this.queries.auditEntry.findMany({
      where: { index: { lt: 0 } },
      select: { index: true },
    });
    return rows.map(({ index }) => index);
  }

  async writeTiles(tiles: readonly Tile[]): Promise<void> {
    await rowsOf(this.queries, {
      text: `
        INSERT INTO "AuditTile" (level, index, hashes)
        SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
        ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes`,
      values: [
        textArray(tiles.map(({ level }) => String(level))),
        textArray(tiles.map(({ index }) => String(index))),
        textArray(tiles.map(({ hashes }) => `\\x${hex(encodeTile(hashes))}`)),
      ],
    });
  }

  readonly readTile: ReadTile = async ({ level, index }) => {
    const tile = await this.queries.auditTile.findUnique({
      where: { level_index: { level, index: BigInt(index) } },
      select: { hashes: true },
    });
    return tile === null ? undefined : decodeTile(tile.hashes);
  };

  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return (await this.queries.auditCheckpoint.findFirst({ orderBy: { size: 'desc' } })) ?? undefined;
  }

  /** Every stored checkpoint, largest first. */
  async checkpoints(): Promise<StoredCheckpoint[]> {
    return this.queries.auditCheckpoint.findMany({
      orderBy: { size: 'desc' },
      select: { size: true, note: true },
    });
  }

  /** The last checkpoint that witnesses have cosigned, or that of this size. */
  async witnessedCheckpoint(size?: bigint): Promise<StoredCheckpoint | undefined> {
    const witnessed = await this.queries.auditWitnessedCheckpoint.findFirst({
      where: { size },
      orderBy: { size: 'desc' },
    });
    return witnessed ?? undefined;
  }

  /** Of those before it the last of each minute is kept. */
  async saveWitnessedCheckpoint({ size, note }: StoredCheckpoint): Promise<void> {
    await this.queries.auditWitnessedCheckpoint.upsert({
      where: { size },
      create: { size, note },
      update: { note },
    });
    await this.queries.$executeRaw`
      DELETE FROM "AuditWitnessedCheckpoint"
      WHERE size < ${size} AND date_trunc('minute', "createdAt") = date_trunc('minute', localtimestamp)`;
  }

  /** The last time stamp of a checkpoint of at most this size. */
  async timestampUpTo(size: bigint): Promise<StoredTimestamp | undefined> {
    const stamped = await this.queries.auditTimestamp.findFirst({
      where: { size: { lte: size } },
      orderBy: { size: 'desc' },
    });
    return stamped ?? undefined;
  }

  async saveTimestamp({ size, note, token, stampedAt }: StoredTimestamp): Promise<void> {
    const data = { size, note, token: Uint8Array.from(token), stampedAt };
    await this.queries.auditTimestamp.createMany({ data: [data], skipDuplicates: true });
  }

  /**
   * A checkpoint of this size that is stored already stays as it is. Of those before it one a minute is kept, so that
   * their number follows time and not traffic.
   */
  async saveCheckpoint(size: number, note: string): Promise<void> {
    await this.queries.auditCheckpoint.createMany({
      data: [{ size: BigInt(size), note }],
      skipDuplicates: true,
    });
    await this.queries.$executeRaw`
      DELETE FROM "AuditCheckpoint" c USING (
        SELECT size, "createdAt", lag("createdAt") OVER (ORDER BY size) AS before
        FROM (SELECT size, "createdAt" FROM "AuditCheckpoint" WHERE size < ${size} ORDER BY size DESC LIMIT 2) last
      ) pair
      WHERE c.size = pair.size AND date_trunc('minute', pair."createdAt") = date_trunc('minute', pair.before)`;
  }
}

class ReadEvent implements ClaimedEvent {
  constructor(
    readonly id: string,
    readonly event: string,
    private readonly at: string,
    readonly version: string,
    readonly recorded: string | undefined,
  ) {}

  /** Hardly ever asked for: events say their own time. */
  get createdAt(): Date {
    return new Date(`${this.at}Z`);
  }
}

function claimedEvent([id, event, at, version, recorded]: readonly unknown[]): ClaimedEvent {
  const leaf = typeof recorded === 'string' ? recorded : undefined;
  return new ReadEvent(String(id), String(event), String(at), String(version), leaf);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
