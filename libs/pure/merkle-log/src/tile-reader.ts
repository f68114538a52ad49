import { type Hash, nodeHash, requireHash } from './hash.js';
import { MerkleError } from './merkle-error.js';
import { joinSubtrees, perfectSubtrees, type LeafRange, type Subtree } from './subtree.js';
import { hashesAtLevel, TILE_HEIGHT, TILE_WIDTH, type TileCoordinate } from './tile.js';

/**
 * Where stored tiles come from. Returns at least `width` hashes of the tile, or `undefined` when it is not stored; a
 * wider tile is as good, since the hashes of a log never change. May be called concurrently. Whoever needs to trust the
 * hashes checks them against a signed root: a proof that is made of wrong hashes does not verify.
 */
export type ReadTile = (tile: TileCoordinate) => Promise<readonly Hash[] | undefined>;

/** Hashes of ranges of leaves in the tree of `size`, computed from its tiles; each tile is read once. */
export class TileHashes {
  readonly #tiles = new Map<string, Promise<readonly Hash[]>>();

  constructor(
    readonly size: number,
    private readonly readTile: ReadTile,
  ) {}

  /** @throws MerkleError `tile_missing`, `hash_malformed` */
  async ofRange(range: LeafRange): Promise<Hash> {
    return joinSubtrees(await Promise.all(perfectSubtrees(range).map((subtree) => this.#ofSubtree(subtree))));
  }

  async #ofSubtree({ height, index }: Subtree): Promise<Hash> {
    const level = Math.floor(height / TILE_HEIGHT);
    const breadth = 2 ** (height % TILE_HEIGHT);
    const first = index * breadth;
    const hashes = await this.#tile(level, Math.floor(first / TILE_WIDTH));
    return perfectRoot(hashes.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + breadth));
  }

  #tile(level: number, index: number): Promise<readonly Hash[]> {
    const key = `${level}/${index}`;
    const read = this.#tiles.get(key) ?? this.#read(level, index);
    this.#tiles.set(key, read);
    return read;
  }

  async #read(level: number, index: number): Promise<readonly Hash[]> {
    const width = Math.min(TILE_WIDTH, hashesAtLevel(level, this.size) - index * TILE_WIDTH);
    return requireTile({ level, index, width }, await this.readTile({ level, index, width }));
  }
}

/** Exactly the tile's `width` hashes. @throws MerkleError `tile_missing`, `hash_malformed` */
export function requireTile(tile: TileCoordinate, hashes: readonly Hash[] | undefined): readonly Hash[] {
  if (hashes === undefined || hashes.length < tile.width)
    throw new MerkleError(
      'tile_missing',
      `Tile ${tile.index} of level ${tile.level} is missing or too narrow.`,
    );
  hashes.forEach(requireHash);
  return hashes.slice(0, tile.width);
}

/** The root of the perfect tree over a power of two of hashes. */
export function perfectRoot(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) {
    const parents: Hash[] = [];
    for (let i = 1; i < row.length; i += 2) parents.push(nodeHash(row[i - 1] ?? none, row[i] ?? none));
    row = parents;
  }
  return row[0] ?? none;
}

/** No hash: `nodeHash` refuses it. */
const none: Hash = new Uint8Array();
