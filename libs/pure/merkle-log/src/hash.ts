import { hash } from 'node:crypto';
import { MerkleError } from './merkle-error.js';

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). A fresh copy, as every hash here is. */
export function emptyRoot(): Hash {
  return sha256(new Uint8Array());
}

/** SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Hash {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

/** SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). @throws MerkleError `hash_malformed` */
export function nodeHash(left: Hash, right: Hash): Hash {
  requireHash(left);
  requireHash(right);
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

export function equalHashes(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

/** @throws MerkleError `hash_malformed` */
export function requireHash(hash: Hash): void {
  if (hash.length !== HASH_BYTES) throw new MerkleError('hash_malformed', 'A hash has 32 bytes.');
}

/** Filled and hashed without a pause between: one is enough. */
const nodeInput = Uint8Array.of(NODE_PREFIX, ...new Uint8Array(2 * HASH_BYTES));

/**
 * In one call, twice as fast as a hash object that is updated piece by piece, and by way of a short string, more than twice as
 * fast again: Node's way of making a buffer costs more than the hash.
 */
function sha256(input: Uint8Array): Hash {
  const digest = hash('sha256', input, 'binary');
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i += 1) bytes[i] = digest.charCodeAt(i);
  return bytes;
}
