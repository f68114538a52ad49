import { requireHash, type Hash } from './hash.js';
import { requireSize } from './position.js';
import { joinSubtrees, perfectSubtrees } from './subtree.js';
import { hashesAtLevel, partialTile, TILE_WIDTH, type Tile } from './tile.js';
import { perfectRoot, requireTile, type ReadTile } from './tile-reader.js';

/** A grown tree and the tiles that must be stored before its root is signed. */
export interface Growth {
  readonly edge: RightEdge;
  /** Every tile with a new hash, whole: a tile that was partial comes with its earlier hashes. */
  readonly tiles: readonly Tile[];
}

/**
 * The partial tiles at the right edge of a tiled log: at most seven, and all that growing it needs.
 * Immutable: a growth that could not be stored leaves the edge as it was.
 */
export class RightEdge {
  private constructor(
    readonly size: number,
    /** The hashes of the partial tile of each level, empty where there is none. */
    private readonly partials: readonly (readonly Hash[])[],
  ) {}

  static empty(): RightEdge {
    return new RightEdge(0, []);
  }

  /**
   * Reads the edge of the tree of `size`. Stored tiles may have been tampered with: compare `root()` with the last signed
   * root before growing it.
   * @throws MerkleError `tree_position_invalid`, `tile_missing`, `hash_malformed`
   */
  static async read(size: number, readTile: ReadTile): Promise<RightEdge> {
    requireSize(size);
    const partials: (readonly Hash[])[] = [];
    for (let level = 0; hashesAtLevel(level, size) > 0; level += 1) {
      const tile = partialTile(level, size);
      partials.push(tile === undefined ? [] : requireTile(tile, await readTile(tile)));
    }
    return new RightEdge(size, partials);
  }

  /** The RFC 6962 root of the tree. */
  root(): Hash {
    const roots = this.partials.toReversed().flatMap((hashes) => perfectRootsOf(hashes));
    return joinSubtrees(roots);
  }

  /** Appends leaf hashes in order. @throws MerkleError `hash_malformed`, `tree_position_invalid` */
  grow(leaves: readonly Hash[]): Growth {
    requireSize(this.size + leaves.length);
    leaves.forEach(requireHash);
    const partials: (readonly Hash[])[] = [];
    const tiles: Tile[] = [];
    let appended = leaves;
    for (let level = 0; appended.length > 0 || level < this.partials.length; level += 1) {
      const hashes = [...(this.partials[level] ?? []), ...appended];
      const first = Math.floor(hashesAtLevel(level, this.size) / TILE_WIDTH);
      const chunks = appended.length === 0 ? [] : chunksOf(hashes);
      tiles.push(
        ...chunks.map((chunk, i) => ({ level, index: first + i, width: chunk.length, hashes: chunk })),
      );
      appended = chunks.filter((chunk) => chunk.length === TILE_WIDTH).map(perfectRoot);
      partials.push(hashes.slice(hashes.length - (hashes.length % TILE_WIDTH)));
    }
    return { edge: new RightEdge(this.size + leaves.length, partials), tiles };
  }
}

/** The roots of the perfect subtrees of a partial tile, tallest first. */
function perfectRootsOf(hashes: readonly Hash[]): Hash[] {
  return perfectSubtrees({ begin: 0, end: hashes.length }).map(({ height, index }) =>
    perfectRoot(hashes.slice(index * 2 ** height, (index + 1) * 2 ** height)),
  );
}

function chunksOf(hashes: readonly Hash[]): (readonly Hash[])[] {
  const count = Math.ceil(hashes.length / TILE_WIDTH);
  return Array.from({ length: count }, (_, i) => hashes.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH));
}
