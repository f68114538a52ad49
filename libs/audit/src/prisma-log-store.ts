import type { DatabaseClient, Tx } from '@castellan/database';
import { decodeTile, encodeTile, type ReadTile, type Tile } from '@castellan/merkle-log';
import type { EntryRow } from './entry-row.js';

/** An event that is durable but not yet in the tree. */
export interface OutboxEvent {
  readonly id: string;
  readonly event: string;
  readonly createdAt: Date;
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

/** "cast" in ASCII: one log, one lock. */
const SEQUENCER_LOCK = 0x6361_7374n;

/**
 * The tables of the log, in the words of the log. Rows that come by the thousand are sent as one JSON parameter: several
 * times as fast as one parameter a column. PostgreSQL unescapes it to the same text; NUL, the one character that it has
 * no place for, is an escape sequence in canonical JSON.
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
   * Takes up to `limit` of the oldest waiting events out of the outbox. They are claimed by being deleted and not by
   * "later than the last one seen": an event with an earlier id may commit after one with a later id.
   */
  async claim(limit: number): Promise<OutboxEvent[]> {
    const rows = await this.queries.$queryRaw<OutboxEvent[]>`
      DELETE FROM "AuditOutbox" WHERE id IN (SELECT id FROM "AuditOutbox" ORDER BY id LIMIT ${limit})
      RETURNING id, event, "createdAt"`;
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Of these event ids, those that are in the log already, with their leaves. */
  async recorded(eventIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.queries.auditEntry.findMany({
      where: { eventId: { in: [...eventIds] } },
      select: { eventId: true, event: true },
    });
    return new Map(rows.map(({ eventId, event }) => [eventId, event]));
  }

  /** Number of integrated leaves, signed or not. */
  async size(): Promise<number> {
    const { _max } = await this.queries.auditEntry.aggregate({ _max: { index: true } });
    return _max.index === null ? 0 : Number(_max.index) + 1;
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

  async appendRows(rows: readonly EntryRow[]): Promise<void> {
    const records = rows.map((row) => ({
      ...row,
      index: String(row.index),
      leafHash: hex(row.leafHash),
      occurredAt: row.occurredAt.toISOString(),
    }));
    await this.queries.$executeRaw`
      INSERT INTO "AuditEntry" (index, "eventId", event, "leafHash", "occurredAt", "organizationId", "actorId", action,
                                "resourceKind", "resourceId", decision)
      SELECT index, "eventId", event, decode("leafHash", 'hex'), "occurredAt", "organizationId", "actorId", action,
             "resourceKind", "resourceId", decision
      FROM json_to_recordset(${JSON.stringify(records)}::json) AS row (
        index bigint, "eventId" text, event text, "leafHash" text, "occurredAt" timestamp(3), "organizationId" text,
        "actorId" text, action text, "resourceKind" text, "resourceId" text, decision text)`;
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
