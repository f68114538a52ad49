import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReadEntries } from '@castellan/audit';
import {
  decodeEntryBundle,
  decodeTile,
  entryBundlePath,
  TILE_WIDTH,
  tilePath,
  tilesOf,
  type ReadTile,
} from '@castellan/merkle-log';
import { isAbsent } from './is-absent.js';
import type { ServedLog } from './served-log.js';

/** A copy of a log in a folder, laid out as C2SP tlog-tiles serves it, so that any web server could serve it on. */
export class LogFolder {
  constructor(readonly path: string) {}

  checkpoint(): Promise<string> {
    return readFile(join(this.path, 'checkpoint'), 'utf8');
  }

  readonly readTile: ReadTile = async (tile) => {
    const bytes = await this.#read(tilePath(tile));
    return bytes === undefined ? undefined : decodeTile(bytes);
  };

  readonly readEntries: ReadEntries = async (index, width) => {
    const bytes = await this.#read(entryBundlePath({ index, width }));
    return bytes === undefined ? [] : decodeEntryBundle(bytes);
  };

  /**
   * Takes over what a served log of `size` leaves has and this folder lacks, and its checkpoint last: a copy that was cut
   * short is the copy before, and the next goes on where it ended. Checks nothing: that is for `verifyLog`.
   * @returns how many files were fetched, and whether any of their payloads had expired
   */
  async copy(log: ServedLog, size: number, checkpoint: string): Promise<{ files: number; expired: boolean }> {
    let [files, expired] = [0, false];
    for (const tile of tilesOf(size)) {
      const paths = [tilePath(tile), ...(tile.level === 0 ? [entryBundlePath(tile)] : [])];
      for (const path of paths) {
        if (tile.width === TILE_WIDTH && (await this.#read(path)) !== undefined) continue;
        const bytes = await log.bytes(path);
        if (bytes !== undefined) await this.#write(path, bytes);
        expired ||= path.startsWith('tile/entries/') && hasEmptyEntry(bytes);
        files += 1;
      }
    }
    await this.#write('checkpoint', checkpoint);
    return { files, expired };
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.path, path));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async #write(path: string, content: Uint8Array | string): Promise<void> {
    const file = join(this.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }
}

function hasEmptyEntry(bundle: Uint8Array | undefined): boolean {
  return bundle !== undefined && decodeEntryBundle(bundle).some((entry) => entry.length === 0);
}
