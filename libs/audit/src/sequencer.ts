import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import {
  equalHashes,
  MerkleError,
  proveConsistency,
  verifyConsistency,
  type Hash,
  type ReadTile,
} from '@castellan/merkle-log';
import { formatCheckpoint } from '@castellan/signed-note';
import { admitEvents } from './admit-events.js';
import { forkDetected } from './audit-error.js';
import type { CheckpointSigner } from './checkpoint-signer.js';
import { entryRow, type EntryRow } from './entry-row.js';
import { EventIds, systemClock, type Clock } from './event-id.js';
import { openTreeHead, type LogIdentity } from './log-identity.js';
import { PrismaLogStore, type ClaimedEvent } from './prisma-log-store.js';
import { reconcile, type IntegratedLog } from './reconcile.js';

export interface SequencerOptions {
  /** Pause after a round that left nothing waiting, in milliseconds. Default 50. */
  readonly intervalMs?: number;
  /** Pause after a round that failed, in milliseconds. Default 1,000. */
  readonly retryMs?: number;
  /** Events integrated at once, at most. Default 4,096. */
  readonly batchSize?: number;
  readonly clock?: Clock;
  /** Told of every failed round. Rounds go on, except after a fork. */
  readonly onFailure?: (error: unknown) => void;
}

/** Events as read from the outbox, and the rows that they become when the log has `begin` leaves. */
interface Batch {
  readonly begin: number;
  readonly claimed: readonly ClaimedEvent[];
  readonly rows: readonly EntryRow[];
}

/** Batches that one signature covers, at most: leaves must not wait long for it. */
const BATCHES_PER_SIGNATURE = 4;

/** So many batches are read on from the one before; then again from the oldest waiting event. */
const MAX_READ_AHEADS = 16;

/**
 * Turns durable events into leaves, and leaves into signed history. Each round has two steps, in this order:
 *
 * 1. Integrate, one transaction: claim events, give them the next indexes, write rows and tiles.
 * 2. Publish: have the grown tree signed, with the proof that it continues the signed one; store the checkpoint.
 *
 * What is signed is therefore always committed first. Dying between any two steps loses nothing and repeats nothing:
 * an unfinished step 1 never happened, and the next round publishes what step 1 left or adopts what the signer signed.
 * Any number of sequencers may run: step 1 takes an advisory lock, step 2 is compare-and-swap at the signer.
 */
export class Sequencer {
  readonly #options: Required<SequencerOptions>;
  readonly #ids = new EventIds();
  /** What the last round left; dropped whenever anything was not as expected. */
  #log: IntegratedLog | undefined;
  #ahead: Batch | undefined;
  #readAheads = 0;
  /** Whether the next batch is looked up in the log before it is written there. */
  #lookUp = false;

  constructor(
    private readonly database: Database,
    private readonly signer: CheckpointSigner,
    private readonly identity: LogIdentity,
    options: SequencerOptions = {},
  ) {
    this.#options = {
      intervalMs: 50,
      retryMs: 1_000,
      batchSize: 4_096,
      clock: systemClock,
      onFailure: () => undefined,
      ...options,
    };
  }

  /**
   * Sequences until `signal` aborts; then finishes the round and resolves.
   * @throws AuditError `audit_fork_detected`: the stored log is not the signed one, and nothing more will be signed
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.#attempt();
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * One round. Resolves with the number of leaves that it integrated, or made signed.
   * @throws what the database or the signer throws; AuditError `audit_fork_detected`
   */
  async round(): Promise<number> {
    try {
      this.#log ??= await this.#load();
      let integrated = await this.#integrate();
      // Under a backlog one signature covers several batches: it costs the same for all of them.
      for (let batches = 1; this.#ahead !== undefined && batches < BATCHES_PER_SIGNATURE; batches += 1)
        integrated += await this.#integrate();
      return integrated + (await this.#publish());
    } catch (error) {
      this.#log = undefined;
      this.#ahead = undefined;
      // Another sequencer was first: not a failure, and the next round starts from what it signed.
      if (hasCode(error, 'checkpoint_conflict')) return 1;
      // An event that is in the log already, which is rare: the next batch is looked up before.
      if (hasCode(error, 'event_recorded') && !this.#lookUp) {
        this.#lookUp = true;
        return 1;
      }
      throw error;
    }
  }

  /** One round, and how long to pause after it, in milliseconds. */
  async #attempt(): Promise<number> {
    try {
      // A round costs the same for one event as for a hundred: a trickle gathers meanwhile, and only a backlog hurries.
      return (await this.round()) >= this.#options.batchSize ? 0 : this.#options.intervalMs;
    } catch (error) {
      this.#options.onFailure(error);
      if (hasCode(error, 'audit_fork_detected')) throw error;
      return this.#options.retryMs;
    }
  }

  /** `undefined` while another sequencer leads. */
  async #load(): Promise<IntegratedLog | undefined> {
    // In this order: what is stored was signed before, so the signer cannot rightly know less.
    const stored = await new PrismaLogStore(this.database.client).lastCheckpoint();
    const lastNote = await this.signer.last();
    return this.database.transaction(async (tx) => {
      const store = new PrismaLogStore(tx);
      return (await store.tryLead()) ? reconcile(store, this.identity, stored, lastNote) : undefined;
    });
  }

  async #integrate(): Promise<number> {
    const log = this.#log;
    const ahead = this.#ahead?.begin === log?.edge.size ? this.#ahead : undefined;
    this.#ahead = undefined;
    if (log === undefined) return 0;
    if (ahead === undefined && !(await new PrismaLogStore(this.database.client).isWaiting())) return 0;
    const done = await this.database.transaction(async (tx) => {
      const store = new PrismaLogStore(tx);
      if (!(await store.tryLead())) return log;
      if ((await store.size()) !== log.edge.size) return undefined;
      const batch = ahead ?? this.#batch(log.edge.size, await this.#oldest(store));
      // In this order: while the database writes this batch, the next one is parsed and hashed here.
      const reading = this.#readAhead(store, batch);
      const writing = store.integrate(batch.claimed, batch.rows);
      const growth = log.edge.grow(batch.rows.map(({ leafHash }) => leafHash));
      const [next] = await Promise.all([reading, writing, store.writeTiles(growth.tiles)]);
      return { ...log, edge: growth.edge, unsigned: [...log.unsigned, ...growth.tiles], next };
    });
    // Somebody else has appended: take the log up afresh in the next round.
    if (done === undefined) {
      this.#log = undefined;
      return 1;
    }
    const { next, ...grown } = { next: undefined, ...done };
    this.#lookUp = false;
    this.#log = grown;
    this.#ahead = next;
    return grown.edge.size - log.edge.size;
  }

  #oldest(store: PrismaLogStore): Promise<ClaimedEvent[]> {
    const { batchSize } = this.#options;
    return this.#lookUp ? store.waitingLookedUp(batchSize) : store.waiting(batchSize);
  }

  /** The batch after this one, while there is a backlog. Every so often none: events that committed late wait before it. */
  async #readAhead(store: PrismaLogStore, { begin, claimed, rows }: Batch): Promise<Batch | undefined> {
    const last = claimed.at(-1);
    this.#readAheads = claimed.length < this.#options.batchSize ? 0 : this.#readAheads + 1;
    if (last === undefined || this.#readAheads % (MAX_READ_AHEADS + 1) === 0) return undefined;
    const waiting = await store.waiting(this.#options.batchSize, last.id);
    return waiting.length === 0 ? undefined : this.#batch(begin + rows.length, waiting);
  }

  #batch(begin: number, claimed: readonly ClaimedEvent[]): Batch {
    const admitted = admitEvents(claimed, () => this.#ids.next(this.#options.clock.now()));
    const rows = admitted.map((event, i) => entryRow(begin + i, event.event, event));
    return { begin, claimed, rows };
  }

  async #publish(): Promise<number> {
    if (this.#log === undefined || this.#log.edge.size === this.#log.signed.size) return 0;
    const { edge, signed, unsigned } = this.#log;
    const next = { size: edge.size, root: edge.root() };
    const store = new PrismaLogStore(this.database.client);
    const readTile: ReadTile = async (tile) =>
      unsigned.findLast(({ level, index }) => level === tile.level && index === tile.index)?.hashes ??
      (await store.readTile(tile));
    const proof = await proveGrowth(this.#log, next.root, readTile);
    const checkpoint = formatCheckpoint({ origin: this.identity.origin, ...next, extensions: [] });
    const note = await this.signer.sign({ oldSize: signed.size, proof, checkpoint });
    const vouched = openTreeHead(note, this.identity);
    if (vouched.size !== next.size || !equalHashes(vouched.root, next.root))
      throw forkDetected('The signer answered with another checkpoint than it was asked for.');
    await store.saveCheckpoint(next.size, note);
    this.#log = { edge, signed: next, unsigned: [] };
    return next.size - signed.size;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof CastellanError && error.code === code;
}

/** The tree grew from the signed one in this process's memory, so a proof that fails was made from changed tiles. */
async function proveGrowth(
  { edge, signed }: IntegratedLog,
  newRoot: Hash,
  readTile: ReadTile,
): Promise<Hash[]> {
  try {
    const proof = await proveConsistency(signed.size, edge.size, readTile);
    verifyConsistency({ oldSize: signed.size, oldRoot: signed.root, newSize: edge.size, newRoot }, proof);
    return proof;
  } catch (cause) {
    if (cause instanceof MerkleError)
      throw forkDetected('The stored tiles do not continue the signed tree.', cause);
    throw cause;
  }
}
