/**
 * The leaves of a digest tree (DIGEST-TREE.md) of consecutive plaintext: a hash for each LEAF_BYTES of it, one after the other.
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { createHash } from 'node:crypto';

export const LEAF_BYTES = 64 * 1024;
const HASH_BYTES = 32;
/** RFC 6962, section 2.1. */
const LEAF_PREFIX = Uint8Array.of(0);

export function leafHashes(plaintext) {
  const leaves = new Uint8Array(Math.ceil(plaintext.byteLength / LEAF_BYTES) * HASH_BYTES);
  for (let at = 0, turn = 0; at < plaintext.byteLength; at += LEAF_BYTES, turn++) {
    const hash = createHash('sha256').update(LEAF_PREFIX);
    hash.update(plaintext.subarray(at, at + LEAF_BYTES));
    leaves.set(hash.digest(), turn * HASH_BYTES);
  }
  return leaves;
}
