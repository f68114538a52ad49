import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@castellan/database';

export interface Sequenced {
  /** Zero-based place in the log. */
  readonly index: bigint;
  /** RFC 6962 leaf hash, 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** One look at the database serves everybody who waits, so the interval, and not the number of waiters, sets its load. */
const INTERVAL_MS = 20;

interface Waiter {
  readonly deadline: number;
  readonly settle: (sequenced: Sequenced | undefined) => void;
}

/** Tells waiting callers when their events are covered by a signed checkpoint. */
export class SequencingWatch {
  readonly #waiters = new Map<string, Set<Waiter>>();
  #looking = false;

  constructor(private readonly database: Database) {}

  /** Resolves with `undefined` when `timeoutMs` have passed first. */
  wait(eventId: string, timeoutMs: number): Promise<Sequenced | undefined> {
    return new Promise((settle, reject) => {
      const waiters = this.#waiters.get(eventId) ?? new Set();
      waiters.add({ deadline: performance.now() + timeoutMs, settle });
      this.#waiters.set(eventId, waiters);
      if (!this.#looking) this.#look().catch(reject);
    });
  }

  /** Looks until nobody waits. A database that does not answer is waited out: the deadlines hold all the same. */
  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiters.size > 0) {
      for (const { eventId, ...sequenced } of await this.#covered().catch(() => []))
        this.#settle(eventId, sequenced);
      this.#expire();
      if (this.#waiters.size > 0) await sleep(INTERVAL_MS);
    }
    this.#looking = false;
  }

  async #covered(): Promise<(Sequenced & { readonly eventId: string })[]> {
    const last = await this.database.client.auditCheckpoint.findFirst({
      orderBy: { size: 'desc' },
      select: { size: true },
    });
    if (last === null) return [];
    return this.database.client.auditEntry.findMany({
      where: { eventId: { in: [...this.#waiters.keys()] }, index: { lt: last.size } },
      select: { eventId: true, index: true, leafHash: true },
    });
  }

  #settle(eventId: string, sequenced: Sequenced): void {
    for (const waiter of this.#waiters.get(eventId) ?? []) waiter.settle(sequenced);
    this.#waiters.delete(eventId);
  }

  #expire(): void {
    const now = performance.now();
    for (const [eventId, waiters] of this.#waiters) {
      for (const waiter of waiters)
        if (waiter.deadline <= now) {
          waiter.settle(undefined);
          waiters.delete(waiter);
        }
      if (waiters.size === 0) this.#waiters.delete(eventId);
    }
  }
}
