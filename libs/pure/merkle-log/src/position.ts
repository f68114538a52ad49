import { MerkleError } from './merkle-error.js';

/*
 * Sizes and indexes are numbers up to 2^53 − 1. JavaScript's bit operators stop at 32 bits, so halving and parity are
 * spelled as arithmetic here.
 */

export const half = (n: number): number => Math.floor(n / 2);
export const isOdd = (n: number): boolean => n % 2 === 1;

/** The largest power of two that is at most `n`, for n ≥ 1. */
export function floorPowerOfTwo(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}

/** @throws MerkleError `tree_position_invalid` */
export function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new MerkleError('tree_position_invalid', 'A tree size is an integer from 0 to 2^53 − 1.');
}

/** @throws MerkleError `tree_position_invalid` unless 0 ≤ index < size */
export function requireIndex(index: number, size: number): void {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new MerkleError('tree_position_invalid', 'The index lies outside the tree.');
}

/** @throws MerkleError `tree_position_invalid` unless 0 ≤ oldSize ≤ newSize */
export function requireGrowth(oldSize: number, newSize: number): void {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize) throw new MerkleError('tree_position_invalid', 'A log never shrinks.');
}
