import type { Database, Tx } from '@castellan/database';
import { AuditError } from './audit-error.js';
import { leafText, type AuditEvent } from './audit-event.js';
import { EventIds, systemClock, type Clock } from './event-id.js';
import { GroupCommit } from './group-commit.js';
import { PersonalSealer } from './personal/personal-sealer.js';
import { PrismaLogStore, type OutboxEvent } from './prisma-log-store.js';
import { SequencingWatch, type Sequenced } from './sequencing-watch.js';

/** Events of one commit: enough to share its cost. */
const MAX_BATCH = 1_000;

const SEQUENCING_TIMEOUT_MS = 10_000;

type OutboxRow = Pick<OutboxEvent, 'id' | 'event'>;

/**
 * The way into the audit log. An event is recorded when the transaction that appended it has committed: from then on it
 * will be a leaf, exactly once, whatever process dies. Until a signed checkpoint covers it, whoever can write to the
 * database could still change it; `sequenced` waits for that.
 */
export class AuditLog {
  readonly #ids = new EventIds();
  readonly #durable: GroupCommit<OutboxRow>;
  readonly #watch: SequencingWatch;
  readonly #sealer = new PersonalSealer();

  constructor(
    database: Database,
    private readonly clock: Clock = systemClock,
  ) {
    this.#durable = new GroupCommit((rows) => new PrismaLogStore(database.client).enqueue(rows), MAX_BATCH);
    this.#watch = new SequencingWatch(database);
  }

  /**
   * Records `event` in the transaction of the change that it is about: both happen or neither. It is written on the way of the
   * commit, so that it costs no round trip.
   * @returns the event's id
   * @throws AuditError `event_malformed`, `event_too_long`
   */
  async append(tx: Tx, event: AuditEvent): Promise<string> {
    const row = this.#row(event);
    await PrismaLogStore.enqueueAtCommit(tx, row);
    return row.id;
  }

  /**
   * Records `event` by itself and resolves when it is durable. Many at once share a commit.
   * @returns the event's id
   * @throws AuditError `event_malformed`, `event_too_long`; what the database throws, after which the event may be recorded
   */
  async appendDurably(event: AuditEvent): Promise<string> {
    const row = this.#row(event);
    await this.#durable.write(row);
    return row.id;
  }

  /**
   * Waits until a stored, signed checkpoint covers the event. Call it after the transaction has committed.
   * @throws AuditError `event_not_sequenced` after `timeoutMs`
   */
  async sequenced(eventId: string, { timeoutMs = SEQUENCING_TIMEOUT_MS } = {}): Promise<Sequenced> {
    const sequenced = await this.#watch.wait(eventId, timeoutMs);
    if (sequenced !== undefined) return sequenced;
    throw new AuditError('event_not_sequenced', {
      kind: 'unavailable',
      publicDetail: 'The event is recorded, but the audit log has not signed it yet.',
      retryAfterMs: 1_000,
      meta: { eventId },
    });
  }

  #row(event: AuditEvent): OutboxRow {
    const now = this.clock.now();
    const id = this.#ids.next(now);
    return { id, event: leafText(this.#sealer.seal(event, id, now), id, now) };
  }
}
