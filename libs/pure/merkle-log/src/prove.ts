import { consistencyRanges } from './consistency-proof.js';
import type { Hash } from './hash.js';
import { inclusionRanges } from './inclusion-proof.js';
import type { LeafRange } from './subtree.js';
import { TileHashes, type ReadTile } from './tile-reader.js';

/**
 * The proof that leaf `index` is in the tree of `size`. It verifies against the root that the tiles really have.
 * @throws MerkleError `tree_position_invalid`, `tile_missing`, `hash_malformed`
 */
export async function proveInclusion(index: number, size: number, readTile: ReadTile): Promise<Hash[]> {
  return hashesOf(inclusionRanges(index, size), size, readTile);
}

/**
 * The proof that the tree of `oldSize` is a prefix of the tree of `newSize`.
 * @throws MerkleError `tree_position_invalid`, `tile_missing`, `hash_malformed`
 */
export async function proveConsistency(
  oldSize: number,
  newSize: number,
  readTile: ReadTile,
): Promise<Hash[]> {
  return hashesOf(consistencyRanges(oldSize, newSize), newSize, readTile);
}

/** The root of the first `size` leaves, computed from tiles. @throws MerkleError `tile_missing`, `hash_malformed` */
export async function rootFromTiles(size: number, readTile: ReadTile): Promise<Hash> {
  return new TileHashes(size, readTile).ofRange({ begin: 0, end: size });
}

function hashesOf(ranges: readonly LeafRange[], size: number, readTile: ReadTile): Promise<Hash[]> {
  const hashes = new TileHashes(size, readTile);
  return Promise.all(ranges.map((range) => hashes.ofRange(range)));
}
