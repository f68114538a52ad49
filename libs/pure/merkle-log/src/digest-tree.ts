import { CompactRange } from './compact-range.js';
import { HASH_BYTES } from './hash.js';
import { MerkleError } from './merkle-error.js';

const SIZE_BYTES = 8;

/**
 * The digest tree of a file (DIGEST-TREE.md): as collision-resistant as its SHA-256, but its leaves can be hashed at once, on
 * any number of threads. Here they are put together, in order. At most 53 hashes are kept.
 */
export class DigestTree {
  readonly #range: CompactRange;

  /** `state`: what `save` gave of the leaves before. @throws MerkleError `tree_position_invalid`, `hash_malformed` */
  constructor(state?: Uint8Array) {
    this.#range = state === undefined ? new CompactRange() : restored(Buffer.from(state));
  }

  /** Leaves of 32 bytes, one after the other, as `leafHashes` gives them. */
  add(leaves: readonly Uint8Array[]): void {
    for (const some of leaves)
      for (let at = 0; at < some.byteLength; at += HASH_BYTES)
        this.#range.append(some.slice(at, at + HASH_BYTES));
  }

  /** Lowercase hexadecimal; of a file without a byte it is the SHA-256 of nothing. */
  root(): string {
    return Buffer.from(this.#range.root()).toString('hex');
  }

  /** To go on from elsewhere. Holds nothing of the file but hashes of multiples of LEAF_BYTES. */
  save(): Uint8Array {
    const size = Buffer.alloc(SIZE_BYTES);
    size.writeBigUInt64BE(BigInt(this.#range.size));
    return Buffer.concat([size, ...this.#range.roots]);
  }
}

function restored(state: Buffer): CompactRange {
  if (state.byteLength < SIZE_BYTES)
    throw new MerkleError('tree_position_invalid', 'The state of the digest tree is cut short.');
  const roots = [];
  for (let at = SIZE_BYTES; at < state.byteLength; at += HASH_BYTES)
    roots.push(state.subarray(at, at + HASH_BYTES));
  return CompactRange.restore(Number(state.readBigUInt64BE()), roots);
}
