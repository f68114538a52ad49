import { nodeHash, requireHash, type Hash } from './hash.js';
import { MerkleError } from './merkle-error.js';
import { half, isOdd, requireSize } from './position.js';
import { joinSubtrees, perfectSubtrees } from './subtree.js';

/**
 * A Merkle tree that forgets its leaves: the roots of the perfect subtrees of its first `size` leaves, which is all that
 * appending and hashing need. At most 53 hashes; appending is amortised constant.
 */
export class CompactRange {
  #size = 0;
  readonly #roots: Hash[] = [];

  /** Takes up where another range stopped. @throws MerkleError `hash_malformed`, `tree_position_invalid` */
  static restore(size: number, roots: readonly Hash[]): CompactRange {
    requireSize(size);
    roots.forEach(requireHash);
    if (roots.length !== perfectSubtrees({ begin: 0, end: size }).length)
      throw new MerkleError('tree_position_invalid', 'The number of hashes does not fit the size.');
    const range = new CompactRange();
    range.#size = size;
    range.#roots.push(...roots);
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the perfect subtrees, tallest (leftmost) first. */
  get roots(): readonly Hash[] {
    return [...this.#roots];
  }

  /** @throws MerkleError `hash_malformed` */
  append(leaf: Hash): void {
    requireHash(leaf);
    let carried = leaf;
    for (let position = this.#size; isOdd(position); position = half(position)) {
      const left = this.#roots.pop();
      if (left === undefined) throw new MerkleError('tree_position_invalid', 'The range lost a hash.');
      carried = nodeHash(left, carried);
    }
    this.#roots.push(carried);
    this.#size += 1;
  }

  /** The RFC 6962 root of the leaves so far. */
  root(): Hash {
    return joinSubtrees(this.#roots);
  }
}

/** The RFC 6962 root of the given leaf hashes. */
export function rootOf(leaves: Iterable<Hash>): Hash {
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leaf);
  return range.root();
}
