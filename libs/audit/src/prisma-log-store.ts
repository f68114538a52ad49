import type { DatabaseClient, Tx } from '@castellan/database';
import { decodeTile, encodeTile, type ReadTile, type Tile } from '@castellan/merkle-log';
import { logIncomplete } from './audit-error.js';
import type { EntryRow } from './entry-row.js';

/** An event that is durable but not yet in the tree. */
export interface OutboxEvent {
  readonly id: string;
  readonly event: string;
  readonly createdAt: Date;
}

export interface ClaimedEvent extends OutboxEvent {
  /** The leaf that is in the log under this id already. */
  readonly recorded?: string;
}

/** A row to be, and the event in the outbox that it comes from. */
export interface AdmittedRow {
  readonly outboxId: string;
  /** Whether the row's text is another than the outbox's. */
  readonly replaced: boolean;
  readonly row: EntryRow;
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

/** A batch's texts together: what the sequencer may hold in memory at once. */
const MAX_CLAIM_BYTES = 8 * 1024 * 1024;

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

  /** Whether any event waits to be claimed. */
  async isWaiting(): Promise<boolean> {
    return (await this.queries.auditOutbox.findFirst({ select: { id: true } })) !== null;
  }

  /**
   * Up to `limit` of the oldest waiting events, fewer when their texts are long, each with the leaf that has its id already,
   * if one does. The texts come joined to one: ten times as fast as a row each.
   */
  async waiting(limit: number): Promise<ClaimedEvent[]> {
    const [batch] = await this.queries.$queryRaw<{ texts: string | null; list: string | null }[]>`
      SELECT string_agg(w.event, '' ORDER BY w.id) AS texts,
             json_agg(json_build_array(w.id, w.bytes, (extract(epoch FROM w."createdAt") * 1000)::bigint, e.event)
                      ORDER BY w.id)::text AS list
      FROM (SELECT *, sum(bytes) OVER (ORDER BY id) - bytes AS before
            FROM (SELECT id, event, "createdAt", octet_length(event) AS bytes
                  FROM "AuditOutbox" ORDER BY id LIMIT ${limit}) oldest) w
      LEFT JOIN "AuditEntry" e ON e."eventId" = w.id
      WHERE w.before <= ${MAX_CLAIM_BYTES}`;
    const texts = Buffer.from(batch?.texts ?? '');
    const list: [string, number, number, string | null][] = JSON.parse(batch?.list ?? '[]');
    let end = 0;
    return list.map(([id, bytes, createdAtMs, recorded]) => ({
      id,
      event: texts.toString('utf8', end, (end += bytes)),
      createdAt: new Date(createdAtMs),
      ...(recorded === null ? {} : { recorded }),
    }));
  }

  /**
   * Takes `claimed` out of the outbox and puts `rows` into the log. Events are claimed by being deleted and not by "later
   * than the last one seen": one with an earlier id may commit after one with a later id. Texts do not travel back: a row's
   * is the outbox's own, if it still has the row's hash, unless it was replaced.
   * @throws AuditError `log_incomplete` when the outbox is not what was read from it a moment ago. The transaction is then
   * to be rolled back.
   */
  async integrate(claimed: readonly ClaimedEvent[], rows: readonly AdmittedRow[]): Promise<void> {
    const records = rows.map(({ outboxId, replaced, row }) => [
      outboxId,
      replaced ? row.event : null,
      String(row.index),
      row.eventId,
      hex(row.leafHash),
      row.occurredAt.toISOString(),
      row.organizationId,
      row.actorId,
      row.action,
      row.resourceKind,
      row.resourceId,
      row.decision,
    ]);
    const ids = JSON.stringify(claimed.map(({ id }) => id));
    const [{ deleted, integrated } = { deleted: 0, integrated: 0 }] = await this.queries.$queryRaw<
      { deleted: number; integrated: number }[]
    >`
      WITH gone AS (
        DELETE FROM "AuditOutbox" WHERE id = ANY(ARRAY(SELECT json_array_elements_text(${ids}::json)))
        RETURNING id, event),
      integrated AS (
        INSERT INTO "AuditEntry" (index, "eventId", event, "leafHash", "occurredAt", "organizationId", "actorId", action,
                                  "resourceKind", "resourceId", decision)
        SELECT index::bigint, "eventId", coalesce(replacement, gone.event), decode("leafHash", 'hex'),
               "occurredAt"::timestamp(3), "organizationId", "actorId", action, "resourceKind", "resourceId", decision
        FROM (
          SELECT r->>0 AS "outboxId", r->>1 AS replacement, r->>2 AS index, r->>3 AS "eventId", r->>4 AS "leafHash",
                 r->>5 AS "occurredAt", r->>6 AS "organizationId", r->>7 AS "actorId", r->>8 AS action,
                 r->>9 AS "resourceKind", r->>10 AS "resourceId", r->>11 AS decision
          FROM jsonb_array_elements(${JSON.stringify(records)}::jsonb) AS records (r)) row
        JOIN gone ON gone.id = row."outboxId"
        WHERE sha256('\\x00'::bytea || convert_to(coalesce(replacement, gone.event), 'UTF8')) = decode("leafHash", 'hex')
        RETURNING 1)
      SELECT (SELECT count(*) FROM gone)::int AS deleted, (SELECT count(*) FROM integrated)::int AS integrated`;
    if (deleted !== claimed.length || integrated !== rows.length)
      throw logIncomplete('The outbox changed under the hands of the sequencer.');
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
    const records = tiles.map(({ level, index, hashes }) => ({
      level,
      index,
      hashes: hex(encodeTile(hashes)),
    }));
    await this.queries.$executeRaw`
      INSERT INTO "AuditTile" (level, index, hashes)
      SELECT level, index, decode(hashes, 'hex')
      FROM json_to_recordset(${JSON.stringify(records)}::json) AS tile (level int, index bigint, hashes text)
      ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes`;
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

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
