import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import { WorkerError } from './worker-error.js';

/** How long released keys may be held, as the keybroker says it. */
export interface Lease {
  readonly id: string;
  readonly expiresAt: Date;
}

export interface LeaseSource {
  /** @throws `release_refused`, `lease_unknown`, kind `unavailable` */
  renew(leaseId: string): Promise<Date>;
  /** A lease from a new release of the very same content. @throws `release_refused`, kind `unavailable` */
  acquire(): Promise<Lease>;
}

/** The share of a lease's length after which it is renewed: two renewals may fail before it is over. */
const RENEW_AFTER = 1 / 3;
const MIN_PAUSE_MS = 20;

/**
 * The right to hold a version's weights, kept by asking again and again. A broker that doesn't know the lease (it was
 * restarted) is asked for another one; one that can't be reached, or does not answer, is waited for until the lease has
 * run out and no longer, whatever a renewal in flight is doing then.
 *
 * Time runs on this process's monotonic clock: a wall clock that jumps neither lengthens nor ends a lease. Its length is
 * taken from the keybroker's wall clock when it is granted, so that the two must agree to well within a lease.
 */
export class HeldLease {
  readonly #ending = Promise.withResolvers<unknown>();
  readonly #letGo = new AbortController();
  #id: string;
  #endsAt = 0;
  #expiry: NodeJS.Timeout | undefined;

  private constructor(
    lease: Lease,
    private readonly source: LeaseSource,
  ) {
    this.#id = lease.id;
    this.#extend(lease);
  }

  static hold(lease: Lease, source: LeaseSource): HeldLease {
    const held = new HeldLease(lease, source);
    void held.#keep();
    return held;
  }

  /** Resolves when the weights must be let go: with the refusal, or with `lease_expired`. Never after `letGo`. */
  get ended(): Promise<unknown> {
    return this.#ending.promise;
  }

  /** Whether the weights may be used at this moment. */
  get isValid(): boolean {
    return !this.#letGo.signal.aborted && this.#remainingMs() > 0;
  }

  /** Stops renewing. The keybroker forgets the lease when its time is over. */
  letGo(): void {
    clearTimeout(this.#expiry);
    this.#letGo.abort();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#letGo;
    while (!signal.aborted) {
      const pauseMs = Math.max(MIN_PAUSE_MS, this.#remainingMs() * RENEW_AFTER);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    try {
      this.#extend(await this.#renewed());
    } catch (error) {
      if (!mayPass(error)) this.#end(error);
    }
  }

  async #renewed(): Promise<Lease> {
    const id = this.#id;
    try {
      return { id, expiresAt: await this.source.renew(id) };
    } catch (error) {
      if (error instanceof CastellanError && error.code === 'lease_unknown') return this.source.acquire();
      throw error;
    }
  }

  #extend({ id, expiresAt }: Lease): void {
    // A renewal that comes back too late changes nothing.
    if (this.#letGo.signal.aborted) return;
    this.#id = id;
    this.#endsAt = performance.now() + (expiresAt.getTime() - Date.now());
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#end(expired()), this.#remainingMs());
  }

  #end(why: unknown): void {
    if (this.#letGo.signal.aborted) return;
    this.letGo();
    this.#ending.resolve(why);
  }

  #remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }
}

/** Whether the same question may be answered otherwise a moment later. */
function mayPass(error: unknown): boolean {
  return error instanceof CastellanError && (error.kind === 'unavailable' || error.kind === 'exhausted');
}

function expired(): WorkerError {
  return new WorkerError('lease_expired', {
    kind: 'unavailable',
    publicDetail: 'The keybroker did not renew the lease in time, so the weights were dropped.',
  });
}
