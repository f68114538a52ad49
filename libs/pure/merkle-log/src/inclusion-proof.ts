import { equalHashes, nodeHash, requireHash, type Hash } from './hash.js';
import { MerkleError } from './merkle-error.js';
import { floorPowerOfTwo, half, isOdd, requireIndex } from './position.js';
import type { LeafRange } from './subtree.js';

/**
 * The ranges whose hashes prove that leaf `index` is in the tree of `size`: PATH(m, D[n]) of RFC 6962 §2.1.1, the leaf's
 * sibling first, the root's child last.
 * @throws MerkleError `tree_position_invalid`
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  requireIndex(index, size);
  const ranges: LeafRange[] = [];
  for (let begin = 0, end = size; end - begin > 1;) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges.reverse();
}

/** The largest power of two smaller than `n`, for n ≥ 2 (RFC 6962 §2.1). */
export function splitPoint(n: number): number {
  return floorPowerOfTwo(n - 1);
}

/** What an inclusion proof claims: `leaf` stands at `index` in the tree of `size` leaves with this root. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Hash;
  readonly root: Hash;
}

/**
 * Returns if the proof shows the claim (RFC 9162 §2.1.3.2).
 * @throws MerkleError `tree_position_invalid`, `hash_malformed`, `proof_length_invalid`, `root_mismatch`
 */
export function verifyInclusion({ index, size, leaf, root }: InclusionClaim, proof: readonly Hash[]): void {
  requireIndex(index, size);
  [leaf, root, ...proof].forEach(requireHash);
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) throw wrongLength();
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else hash = nodeHash(hash, sibling);
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw wrongLength();
  if (!equalHashes(hash, root))
    throw new MerkleError('root_mismatch', 'The inclusion proof leads to another root.');
}

function wrongLength(): MerkleError {
  return new MerkleError('proof_length_invalid', 'The inclusion proof has the wrong number of hashes.');
}
