import { createHash } from 'node:crypto';
import { MerkleError } from './merkle-error.js';

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). A fresh copy, as every hash here is. */
export function emptyRoot(): Hash {
  return sha256();
}

/** SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Hash {
  return sha256(LEAF_PREFIX, entry);
}

/** SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). @throws MerkleError `hash_malformed` */
export function nodeHash(left: Hash, right: Hash): Hash {
  requireHash(left);
  requireHash(right);
  return sha256(NODE_PREFIX, left, right);
}

export function equalHashes(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

/** @throws MerkleError `hash_malformed` */
export function requireHash(hash: Hash): void {
  if (hash.length !== HASH_BYTES) throw new MerkleError('hash_malformed', 'A hash has 32 bytes.');
}

function sha256(...parts: readonly Uint8Array[]): Hash {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
