import {
  equalHashes,
  hashesAtLevel,
  MerkleError,
  RightEdge,
  rootOf,
  TILE_WIDTH,
  type Hash,
  type ReadTile,
  type TreeHead,
} from '@castellan/merkle-log';
import type { LogFault } from './log-fault.js';

/** What is known of the signed hashes of one tile. */
export interface SignedTile {
  /** The tile's hashes, if they lead to the signed root. */
  readonly hashes?: readonly Hash[];
  /** The root of the full tile, if its parent leads to the signed root. */
  readonly root?: Hash;
}

/**
 * Reads tiles from the signed root downwards, believing only what leads to it: the partial tiles at the right edge
 * together hash to the root, and each full tile hashes to one entry of the tile above it. Notes every tile that does not.
 */
export class SignedTiles {
  readonly #faults: LogFault[] = [];
  /** The last tile read on each level: leaves are visited in order, so that is the one asked for next. */
  readonly #last = new Map<number, { readonly index: number; readonly tile: SignedTile }>();
  #edgeIsSigned: Promise<boolean> | undefined;

  constructor(
    private readonly head: TreeHead,
    private readonly readTile: ReadTile,
  ) {}

  /** Tiles that differ from the signed ones. None when the right edge does not lead to the root: then nothing is known. */
  async faults(): Promise<readonly LogFault[]> {
    return (await this.edgeIsSigned) ? this.#faults : [];
  }

  /** Whether the right edge leads to the signed root. If not, no tile can be believed. */
  get edgeIsSigned(): Promise<boolean> {
    return (this.#edgeIsSigned ??= this.#checkEdge());
  }

  async tile(level: number, index: number): Promise<SignedTile> {
    const last = this.#last.get(level);
    if (last?.index === index) return last.tile;
    const tile = await this.#read(level, index);
    this.#last.set(level, { index, tile });
    return tile;
  }

  async #read(level: number, index: number): Promise<SignedTile> {
    const width = Math.min(TILE_WIDTH, hashesAtLevel(level, this.head.size) - index * TILE_WIDTH);
    const hashes = await this.#stored(level, index, width);
    if (width < TILE_WIDTH) return (await this.edgeIsSigned) && hashes !== undefined ? { hashes } : {};
    const parent = await this.tile(level + 1, Math.floor(index / TILE_WIDTH));
    const root = parent.hashes?.[index % TILE_WIDTH];
    if (root === undefined) return {};
    if (hashes !== undefined && equalHashes(rootOf(hashes), root)) return { hashes, root };
    if (hashes !== undefined) this.#fault(level, index, 'tile_edited', 'holds hashes that were not signed');
    return { root };
  }

  async #stored(level: number, index: number, width: number): Promise<readonly Hash[] | undefined> {
    const hashes = await this.#readOrNothing(level, index, width);
    if (hashes !== undefined && hashes.length >= width) return hashes.slice(0, width);
    this.#fault(level, index, 'tile_missing', 'is missing or too narrow');
    return undefined;
  }

  async #checkEdge(): Promise<boolean> {
    try {
      const edge = await RightEdge.read(this.head.size, this.readTile);
      return equalHashes(edge.root(), this.head.root);
    } catch (error) {
      if (error instanceof MerkleError) return false;
      throw error;
    }
  }

  /** Bytes that are not a tile's count as none. */
  async #readOrNothing(level: number, index: number, width: number): Promise<readonly Hash[] | undefined> {
    try {
      return await this.readTile({ level, index, width });
    } catch (error) {
      if (error instanceof MerkleError) return undefined;
      throw error;
    }
  }

  #fault(level: number, index: number, code: 'tile_edited' | 'tile_missing', what: string): void {
    const begin = index * TILE_WIDTH ** (level + 1);
    this.#faults.push({ index: begin, code, detail: `Tile ${index} of level ${level} ${what}.` });
  }
}
