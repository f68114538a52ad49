import { HASH_BYTES, type Hash } from './hash.js';
import { MerkleError } from './merkle-error.js';
import { requireGrowth, requireSize } from './position.js';

/** Hashes in a full tile: a subtree of height 8. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** Levels above 6 cannot hold a hash while sizes are below 2^53. */
const MAX_LEVEL = 63;

/** Where a tile lies. Its hashes are those of the subtrees index·256 … index·256 + width − 1 of height 8·level. */
export interface TileCoordinate {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

export interface Tile extends TileCoordinate {
  readonly hashes: readonly Hash[];
}

/** How many hashes of `level` a tree of `size` leaves has: the full subtrees of 256^level leaves. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/**
 * All tiles of the tree of `size`, level by level. Their number grows with the size.
 * @throws MerkleError `tree_position_invalid`
 */
export function tilesOf(size: number): TileCoordinate[] {
  return newTiles(0, size);
}

/**
 * The tiles that a log must write when it grows from `oldSize` to `newSize`: those with a hash that the old tree lacks.
 * @throws MerkleError `tree_position_invalid`
 */
export function newTiles(oldSize: number, newSize: number): TileCoordinate[] {
  requireGrowth(oldSize, newSize);
  const tiles: TileCoordinate[] = [];
  for (let level = 0; hashesAtLevel(level, newSize) > 0; level += 1) {
    const before = hashesAtLevel(level, oldSize);
    const after = hashesAtLevel(level, newSize);
    for (
      let index = Math.floor(before / TILE_WIDTH);
      index * TILE_WIDTH < after && before < after;
      index += 1
    )
      tiles.push({ level, index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) });
  }
  return tiles;
}

/**
 * The partial tile on the right edge of `level`, if the tree of `size` has one.
 * @throws MerkleError `tree_position_invalid`
 */
export function partialTile(level: number, size: number): TileCoordinate | undefined {
  requireSize(size);
  const hashes = hashesAtLevel(level, size);
  const width = hashes % TILE_WIDTH;
  return width === 0 ? undefined : { level, index: Math.floor(hashes / TILE_WIDTH), width };
}

/** The bytes that are stored and served: the hashes, one after another. */
export function encodeTile(hashes: readonly Hash[]): Uint8Array {
  return new Uint8Array(Buffer.concat(hashes));
}

/** @throws MerkleError `tile_malformed` unless the bytes are 1 to 256 whole hashes */
export function decodeTile(bytes: Uint8Array): Hash[] {
  const width = bytes.length / HASH_BYTES;
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new MerkleError('tile_malformed', 'A tile has 1 to 256 whole hashes.');
  return Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** @throws MerkleError `tile_malformed` */
export function requireTileCoordinate({ level, index, width }: TileCoordinate): void {
  const isLevel = Number.isInteger(level) && level >= 0 && level <= MAX_LEVEL;
  const isIndex = Number.isSafeInteger(index) && index >= 0;
  const isWidth = Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH;
  if (!isLevel || !isIndex || !isWidth)
    throw new MerkleError(
      'tile_malformed',
      'A tile has a level of 0 to 63, an index and a width of 1 to 256.',
    );
}
