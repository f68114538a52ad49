import { emptyRoot, equalHashes, nodeHash, requireHash, type Hash } from './hash.js';
import { splitPoint } from './inclusion-proof.js';
import { MerkleError } from './merkle-error.js';
import { floorPowerOfTwo, half, isOdd, requireGrowth } from './position.js';
import type { LeafRange } from './subtree.js';

/**
 * The ranges whose hashes prove that the tree of `oldSize` is a prefix of the tree of `newSize`: PROOF(m, D[n]) of
 * RFC 6962 §2.1.2. Empty when the sizes are equal or the old tree is empty.
 * @throws MerkleError `tree_position_invalid`
 */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  requireGrowth(oldSize, newSize);
  if (oldSize === 0) return [];
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = newSize;
  while (oldSize !== end) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The verifier holds the old root; the node that remains is part of the proof unless it is that root itself.
  if (begin !== 0) ranges.push({ begin, end });
  return ranges.reverse();
}

/** What a consistency proof claims: the first `oldSize` leaves of the new tree are the old tree. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Hash;
  readonly newSize: number;
  readonly newRoot: Hash;
}

/**
 * Returns if the proof shows the claim (RFC 9162 §2.1.4.2). An empty tree is a prefix of every tree, with an empty proof.
 * @throws MerkleError `tree_position_invalid`, `hash_malformed`, `proof_length_invalid`, `root_mismatch`
 */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Hash[]): void {
  const { oldSize, oldRoot, newSize, newRoot } = claim;
  requireGrowth(oldSize, newSize);
  [oldRoot, newRoot, ...proof].forEach(requireHash);
  if (oldSize === 0 || oldSize === newSize) {
    if (proof.length > 0) throw wrongLength();
    if (!equalHashes(oldRoot, oldSize === 0 ? emptyRoot() : newRoot)) throw mismatch();
    if (newSize === 0 && !equalHashes(newRoot, emptyRoot())) throw mismatch();
    return;
  }
  const folded = foldBothRoots(claim, proof);
  if (!equalHashes(folded.oldRoot, oldRoot) || !equalHashes(folded.newRoot, newRoot)) throw mismatch();
}

/** The roots of both trees that the proof leads to. */
function foldBothRoots(claim: ConsistencyClaim, proof: readonly Hash[]): { oldRoot: Hash; newRoot: Hash } {
  const isPerfect = floorPowerOfTwo(claim.oldSize) === claim.oldSize;
  const [seed, ...rest] = isPerfect ? [claim.oldRoot, ...proof] : proof;
  if (seed === undefined) throw wrongLength();
  let node = claim.oldSize - 1;
  let last = claim.newSize - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  let oldRoot = seed;
  let newRoot = seed;
  for (const hash of rest) {
    if (last === 0) throw wrongLength();
    if (isOdd(node) || node === last) {
      oldRoot = nodeHash(hash, oldRoot);
      newRoot = nodeHash(hash, newRoot);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else newRoot = nodeHash(newRoot, hash);
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw wrongLength();
  return { oldRoot, newRoot };
}

function wrongLength(): MerkleError {
  return new MerkleError('proof_length_invalid', 'The consistency proof has the wrong number of hashes.');
}

function mismatch(): MerkleError {
  return new MerkleError('root_mismatch', 'The trees are not consistent.');
}
