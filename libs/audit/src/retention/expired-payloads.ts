import { equalHashes, type Hash, leafHash } from '@castellan/merkle-log';
import type { LogFault } from '../log-fault.js';
import type { LogIdentity } from '../log-identity.js';
import { permittedBy } from './expiry-permit.js';
import { type IndexRange, IndexSet } from './index-ranges.js';

/**
 * Tells payloads that expired from payloads that were taken away. Where a payload has expired the log serves an entry of no
 * bytes; it counts as expired only if a leaf of the same signed log carries the signer's permit for it. Permits come after
 * what they permit, so that the answer is known at the end.
 */
export class ExpiredPayloads {
  readonly #empty: number[] = [];
  readonly #permitted: IndexRange[] = [];

  constructor(
    private readonly identity: LogIdentity,
    private readonly maxFaults = 1_000,
  ) {}

  /**
   * Looks at an entry that stands where `signed` was signed.
   * @returns the hash to go on with: the signed one where there is no payload to hash
   */
  hash(index: number, entry: Uint8Array, signed: Hash): Hash {
    const actual = leafHash(entry);
    if (equalHashes(actual, signed)) this.#permitted.push(...permittedBy(entry, this.identity));
    else if (entry.length === 0) {
      this.#empty.push(index);
      return signed;
    }
    return actual;
  }

  /** What somebody else found who compared each entry with what was signed there. */
  add(empty: readonly number[], entries: readonly Uint8Array[]): void {
    for (const index of empty) this.#empty.push(index);
    for (const entry of entries) this.#permitted.push(...permittedBy(entry, this.identity));
  }

  /** Leaves without a payload. */
  get count(): number {
    return this.#empty.length;
  }

  /** Those of them that no permit in the log names. */
  faults(): LogFault[] {
    const permitted = new IndexSet(this.#permitted);
    const unexplained = this.#empty.filter((index) => !permitted.has(index));
    return unexplained.slice(0, this.maxFaults).map((index) => ({
      index,
      code: 'payload_missing',
      detail: `The payload of leaf ${index} is not stored, and nothing in the signed log lets it expire.`,
    }));
  }
}
