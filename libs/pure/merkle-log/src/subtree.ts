import { emptyRoot, nodeHash, type Hash } from './hash.js';
import { floorPowerOfTwo } from './position.js';

/** A perfect subtree: the 2^height leaves from index·2^height on. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** Leaves `begin` (included) to `end` (excluded). */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * The perfect subtrees, left to right, tallest first, whose roots give the hash of `range`.
 * `range.begin` must be a multiple of the largest power of two in the range's length; every range that a proof or a
 * whole tree consists of is.
 */
export function perfectSubtrees({ begin, end }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let position = begin; position < end;) {
    const width = floorPowerOfTwo(end - position);
    subtrees.push({ height: Math.log2(width), index: position / width });
    position += width;
  }
  return subtrees;
}

/** Joins the roots of perfect subtrees, tallest first, to the hash of their whole range (RFC 6962 §2.1). */
export function joinSubtrees(roots: readonly Hash[]): Hash {
  const [rightmost, ...rest] = roots.toReversed();
  return rightmost === undefined
    ? emptyRoot()
    : rest.reduce((right, left) => nodeHash(left, right), rightmost);
}
