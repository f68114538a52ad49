import { leafHash, type Hash } from '../hash.js';
import { RightEdge } from '../right-edge.js';
import type { TileCoordinate } from '../tile.js';

/** A log in memory, grown leaf batch by leaf batch through its tiles alone, as a real store is. For specs. */
export class MemoryTiles {
  readonly tiles = new Map<string, readonly Hash[]>();
  edge = RightEdge.empty();

  static async of(entries: readonly Uint8Array[]): Promise<MemoryTiles> {
    const log = new MemoryTiles();
    await log.append(entries);
    return log;
  }

  readonly read = async ({ level, index }: TileCoordinate): Promise<readonly Hash[] | undefined> =>
    this.tiles.get(`${level}/${index}`);

  async append(entries: readonly Uint8Array[]): Promise<void> {
    const stored = await RightEdge.read(this.edge.size, this.read);
    const growth = stored.grow(entries.map(leafHash));
    for (const { level, index, hashes } of growth.tiles) this.tiles.set(`${level}/${index}`, hashes);
    this.edge = growth.edge;
  }
}

/** The entries of the sumdb vectors: "entry 0", "entry 1", … */
export function numberedEntries(count: number, from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`entry ${from + i}`));
}
