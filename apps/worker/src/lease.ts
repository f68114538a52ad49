import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';

/** How long released keys may be held, as their holder sees it. */
export interface Lease {
  readonly id: string;
  readonly expiresAt: Date;
}

export interface LeaseSource {
  /** @throws `release_refused`, `lease_unknown`, kind `unavailable` */
  renew(leaseId: string): Promise<Date>;
  /** A lease from a new release. @throws `release_refused`, kind `unavailable` */
  acquire(): Promise<Lease>;
}

const MIN_PAUSE_MS = 100;

/**
 * Renews a lease at a third of its length for as long as it may. A broker that doesn't know the lease (it was restarted) is
 * asked for another one; one that can't be reached is asked again until the lease has run out on this process's own
 * monotonic clock, so that a wall clock that jumps neither lengthens nor ends it.
 *
 * @returns only when the model must be let go: with the refusal, or with what kept the lease from being renewed; undefined
 *   when `signal` aborted
 */
export async function keepLease(lease: Lease, source: LeaseSource, signal: AbortSignal): Promise<unknown> {
  let held = lease;
  let lengthMs = lengthOf(held.expiresAt);
  let endsAt = performance.now() + lengthMs;
  for (;;) {
    await sleep(Math.max(MIN_PAUSE_MS, lengthMs / 3), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    const askedAt = performance.now();
    try {
      held = await renewed(held, source);
      lengthMs = lengthOf(held.expiresAt);
      endsAt = askedAt + lengthMs;
    } catch (error) {
      const mayPass =
        error instanceof CastellanError && (error.kind === 'unavailable' || error.kind === 'exhausted');
      if (!mayPass || performance.now() >= endsAt) return error;
    }
  }
}

async function renewed(lease: Lease, source: LeaseSource): Promise<Lease> {
  try {
    return { id: lease.id, expiresAt: await source.renew(lease.id) };
  } catch (error) {
    if (error instanceof CastellanError && error.code === 'lease_unknown') return source.acquire();
    throw error;
  }
}

/** From now, in milliseconds. Assumes that this clock and the broker's agree to well within a lease. */
function lengthOf(expiresAt: Date): number {
  return Math.max(0, expiresAt.getTime() - Date.now());
}
