import { randomUUID } from 'node:crypto';
import type { Clock } from '@castellan/audit';
import type { Purpose } from '@castellan/contracts';
import { KeybrokerError } from '../keybroker-error.js';
import type { ReleaseSubject } from './permit-release.js';

/** A lease that was not renewed is remembered for so long, so that a late holder gets an answer rather than a riddle. */
const REMEMBERED_MS = 60_000;

/** A process's right to go on holding keys. When it ends, the process drops them. */
export interface Lease {
  readonly id: string;
  readonly purpose: Purpose;
  readonly subject: ReleaseSubject;
  /** `<role>/<name>`: only the holder renews. */
  readonly holder: string;
  readonly deployment?: string;
  /** Of the version whose keys were released: the lease is for this content, whatever the row says later. */
  readonly versionDigest?: string;
  readonly expiresAt: Date;
}

/** Leases of this process's lifetime: after a restart of the broker every holder asks anew. */
export class Leases {
  readonly #leases = new Map<string, Lease>();

  constructor(
    private readonly lengthMs: number,
    private readonly clock: Clock,
  ) {}

  grant(terms: Omit<Lease, 'id' | 'expiresAt'>): Lease {
    this.#forgetOld();
    return this.#keep({ ...terms, id: randomUUID(), expiresAt: this.#end() });
  }

  /** @throws KeybrokerError `lease_unknown`, for another's lease too */
  heldBy(holder: string, id: string): Lease {
    const lease = this.#leases.get(id);
    if (lease?.holder === holder) return lease;
    throw new KeybrokerError({
      code: 'lease_unknown',
      kind: 'not_found',
      publicDetail: 'There is no such lease: ask for a release.',
    });
  }

  extend(lease: Lease): Lease {
    return this.#keep({ ...lease, expiresAt: this.#end() });
  }

  end({ id }: Lease): void {
    this.#leases.delete(id);
  }

  #keep(lease: Lease): Lease {
    this.#leases.set(lease.id, lease);
    return lease;
  }

  #end(): Date {
    return new Date(this.clock.now().getTime() + this.lengthMs);
  }

  #forgetOld(): void {
    const limit = this.clock.now().getTime() - REMEMBERED_MS;
    for (const lease of this.#leases.values()) if (lease.expiresAt.getTime() < limit) this.end(lease);
  }
}
