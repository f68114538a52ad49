import type { AuditPage, AuditRecord, InclusionProof } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import {
  encodeEntryBundle,
  encodeTile,
  formatLogProof,
  hashesAtLevel,
  proveConsistency,
  proveInclusion,
  TILE_WIDTH,
} from '@castellan/merkle-log';
import { AuditError, logIncomplete } from './audit-error.js';
import { columnText, type EntryRow, isExpired } from './entry-row.js';
import { PrismaLogStore, type StoredCheckpoint } from './prisma-log-store.js';
import { readRecordedEvent } from './recorded-event.js';
import { blindId } from './retention/expire-payloads.js';
import { entriesAbout } from './search/entries-about.js';
import { recordOf, searchEntries, type AuditSearch } from './search/search-entries.js';

/** A leaf and what proves it. */
export interface ProvedLeaf {
  readonly eventId: string;
  readonly action: string;
  readonly proof: InclusionProof;
}

/** Somebody else's word for when leaves existed. */
export interface TimestampedCheckpoint {
  readonly checkpoint: string;
  /** DER of the RFC 3161 TimeStampToken over the checkpoint. */
  readonly token: Uint8Array;
  readonly stampedAt: Date;
  /** Consistency proof from there. */
  readonly hashes: readonly Uint8Array[];
}

/** How far the log is behind the events. */
export interface AuditBacklog {
  /** Durable events that are not leaves yet. */
  readonly waiting: number;
  /** How long the oldest of them has waited, in milliseconds; 0 if none does. By the database's clock. */
  readonly oldestMs: number;
  /** Leaves that no stored checkpoint covers yet. */
  readonly unsigned: number;
}

/** The log to be read, served and proved. Nothing here is believed for being stored: readers verify against a signed root. */
export class AuditReader {
  readonly #store: PrismaLogStore;

  constructor(private readonly database: Database) {
    this.#store = new PrismaLogStore(database.client);
  }

  /**
   * The last signed checkpoint, as served at `/checkpoint` (C2SP tlog-tiles), with the cosignatures that it has already.
   * `undefined` before the first.
   */
  async checkpoint(): Promise<string | undefined> {
    const last = await this.#store.lastCheckpoint();
    return last && ((await this.#store.witnessedCheckpoint(last.size)) ?? last).note;
  }

  /** The last checkpoint that witnesses have cosigned; it may be a little behind the last. `undefined` before the first. */
  async witnessedCheckpoint(): Promise<string | undefined> {
    return (await this.#store.witnessedCheckpoint())?.note;
  }

  /**
   * The last time-stamped checkpoint that is no larger than `size` leaves, with the proof that a tree of `size` leaves
   * continues it. Without `size`: for the signed tree.
   */
  async timestamp(size?: number): Promise<TimestampedCheckpoint | undefined> {
    const upTo = size ?? (await this.#signedSize());
    const stamped = await this.#store.timestampUpTo(BigInt(upTo));
    if (stamped === undefined) return undefined;
    const hashes = await proveConsistency(Number(stamped.size), upTo, this.#store.readTile);
    return { checkpoint: stamped.note, token: stamped.token, stampedAt: stamped.stampedAt, hashes };
  }

  /** The bytes of a tile of the signed tree; `undefined` for a tile, or a width, that it does not have. */
  async tile(level: number, index: number, width = TILE_WIDTH): Promise<Uint8Array | undefined> {
    if (!isWithin(index, width, hashesAtLevel(level, await this.#signedSize()))) return undefined;
    const hashes = await this.#store.readTile({ level, index, width });
    if (hashes === undefined || hashes.length < width)
      throw logIncomplete(`Tile ${index} of level ${level} is gone.`);
    return encodeTile(hashes.slice(0, width));
  }

  /**
   * The bytes of an entry bundle of the signed tree; `undefined` for one that it does not have. An entry whose payload has
   * expired has no bytes.
   */
  async entries(index: number, width = TILE_WIDTH): Promise<Uint8Array | undefined> {
    if (!isWithin(index, width, await this.#signedSize())) return undefined;
    const rows = await this.#store.rows(index * TILE_WIDTH, index * TILE_WIDTH + width);
    if (rows.length < width) throw logIncomplete(`Leaves of bundle ${index} are gone.`);
    return encodeEntryBundle(rows.map(({ event }) => Buffer.from(event)));
  }

  /**
   * Shows that the event is in the signed log.
   * @param organizationId when given, an event of another organization counts as unknown
   * @throws AuditError `event_unknown`, `event_not_sequenced`, `event_expired`, `checkpoint_missing`
   */
  async inclusionProof(eventId: string, organizationId?: string): Promise<InclusionProof> {
    const checkpoint = await this.#lastCheckpoint();
    const row = await this.#row(eventId, organizationId);
    if (isExpired(row)) throw expired(row);
    return this.#prove(row, checkpoint);
  }

  /** The row of an event, expired or not. @throws AuditError `event_unknown`, `event_not_sequenced` */
  async #row(eventId: string, organizationId: string | undefined): Promise<EntryRow> {
    const id = columnText(eventId);
    const row = await this.database.client.auditEntry.findFirst({
      where: { eventId: { in: [id, blindId(id)] } },
    });
    if (row !== null) {
      const whose = isExpired(row) ? row.organizationId : readRecordedEvent(row.event)?.organizationId;
      if (organizationId !== undefined && whose !== organizationId) throw unknownEvent();
      return row;
    }
    const waiting = await this.database.client.auditOutbox.findUnique({
      where: { id },
      select: { id: true },
    });
    throw waiting === null ? unknownEvent() : notSequenced();
  }

  /** The same as the text of a `.tlog-proof` file (C2SP tlog-proof), which an event has whose payload has expired too. */
  async logProof(eventId: string, organizationId?: string): Promise<string> {
    const { index } = await this.#row(eventId, organizationId);
    const proof = await this.logProofAt(Number(index));
    if (proof === undefined) throw notSequenced();
    return proof;
  }

  /** The same for the leaf at `index`, whatever it says; `undefined` for a leaf that the signed tree does not have. */
  async logProofAt(index: number): Promise<string | undefined> {
    const { size, note } = await this.#lastCheckpoint();
    if (index >= size) return undefined;
    const hashes = await proveInclusion(index, Number(size), this.#store.readTile);
    return formatLogProof({ index, hashes, checkpoint: note });
  }

  /**
   * Every leaf about any of these resources (by id or by digest), oldest first, all proved against one checkpoint.
   * @throws AuditError `checkpoint_missing`
   */
  async proveAbout(resources: readonly string[]): Promise<{ checkpoint: string; leaves: ProvedLeaf[] }> {
    const checkpoint = await this.#lastCheckpoint();
    const rows = await entriesAbout(this.database.client, resources, { before: checkpoint.size });
    const leaves = rows.toReversed().map(async (row) => ({
      eventId: row.eventId,
      action: readRecordedEvent(row.event)?.action ?? row.action,
      proof: await this.#prove(row, checkpoint),
    }));
    return { checkpoint: checkpoint.note, leaves: await Promise.all(leaves) };
  }

  /**
   * Shows that the log of `oldSize` leaves is a prefix of the signed one.
   * @throws AuditError `checkpoint_missing`; MerkleError `tree_position_invalid`
   */
  async consistencyProof(oldSize: number): Promise<{ hashes: Uint8Array[]; checkpoint: string }> {
    const { size, note } = await this.#lastCheckpoint();
    return { hashes: await proveConsistency(oldSize, Number(size), this.#store.readTile), checkpoint: note };
  }

  async search(search: AuditSearch): Promise<AuditPage> {
    const [page, treeSize] = await Promise.all([
      searchEntries(this.database.client, search),
      this.#signedSize(),
    ]);
    return { ...page, treeSize: String(treeSize) };
  }

  /** Leaves about any of these resources (by id), newest first. */
  async recordsAbout(
    resources: readonly string[],
    { action, limit }: { readonly action?: string; readonly limit: number },
  ): Promise<AuditRecord[]> {
    return (await entriesAbout(this.database.client, resources, { action, limit })).map(recordOf);
  }

  /** Up to `limit` leaves of the signed tree from `begin` on, in the order of the log. */
  async signedLeaves(begin: bigint, limit: number): Promise<{ records: AuditRecord[]; checkpoint: string }> {
    const { size, note } = await this.#lastCheckpoint();
    const end = begin + BigInt(limit) < size ? begin + BigInt(limit) : size;
    const rows = await this.#store.rows(Number(begin), Number(end));
    if (begin < end && BigInt(rows.length) < end - begin)
      throw logIncomplete(`Leaves after ${begin} are gone.`);
    return { records: rows.map(recordOf), checkpoint: note };
  }

  async backlog(): Promise<AuditBacklog> {
    const [[outbox], size, signed] = await Promise.all([
      this.database.client.$queryRaw<{ waiting: bigint; oldestMs: number }[]>`
        SELECT count(*) AS waiting,
               coalesce(extract(epoch FROM localtimestamp - min("createdAt")) * 1000, 0)::float8 AS "oldestMs"
        FROM "AuditOutbox"`,
      this.#store.size(),
      this.#signedSize(),
    ]);
    return {
      waiting: Number(outbox?.waiting ?? 0),
      oldestMs: outbox?.oldestMs ?? 0,
      unsigned: size - signed,
    };
  }

  async #prove(row: EntryRow, { size, note }: StoredCheckpoint): Promise<InclusionProof> {
    if (row.index >= size) throw notSequenced();
    const hashes = await proveInclusion(Number(row.index), Number(size), this.#store.readTile);
    return {
      index: String(row.index),
      treeSize: String(size),
      leaf: row.event,
      hashes: hashes.map((hash) => Buffer.from(hash).toString('base64')),
      checkpoint: note,
    };
  }

  async #signedSize(): Promise<number> {
    return Number((await this.#store.lastCheckpoint())?.size ?? 0n);
  }

  async #lastCheckpoint(): Promise<StoredCheckpoint> {
    const checkpoint = await this.#store.lastCheckpoint();
    if (checkpoint !== undefined) return checkpoint;
    throw new AuditError('checkpoint_missing', {
      kind: 'unavailable',
      publicDetail: 'The audit log has signed nothing yet.',
      retryAfterMs: 1_000,
    });
  }
}

function isWithin(index: number, width: number, hashes: number): boolean {
  return width >= 1 && width <= TILE_WIDTH && index >= 0 && index * TILE_WIDTH + width <= hashes;
}

function unknownEvent(): AuditError {
  return new AuditError('event_unknown', { kind: 'not_found', publicDetail: 'No such event is in the log.' });
}

function expired({ index }: EntryRow): AuditError {
  return new AuditError('event_expired', {
    kind: 'not_found',
    publicDetail: `The payload of this event has expired; leaf ${index} is still proved, by its hash.`,
    meta: { index: String(index) },
  });
}

function notSequenced(): AuditError {
  return new AuditError('event_not_sequenced', {
    kind: 'unavailable',
    publicDetail: 'The event is recorded, but the audit log has not signed it yet.',
    retryAfterMs: 1_000,
  });
}
