import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyLogFolder } from '@castellan/audit';
import { entryBundlePath, tilePath, tilesOf } from '@castellan/merkle-log';
import { LogFolder } from '../../../apps/cli/src/log/log-folder.js';
import { secondsOf } from '../measure.js';
import type { BenchLog } from './bench-log.js';

/** Leaves a second of `castellan audit verify` over a copy of the whole log, from leaf 0, its files in the page cache. */
export async function verifiedPerSecond(log: BenchLog, threads: number | undefined): Promise<number> {
  const folder = new LogFolder(join(log.folder, 'copy'));
  const size = await log.size();
  console.error('verifier: copying the log');
  for (const tile of tilesOf(size)) {
    await write(folder, tilePath(tile), await log.reader.tile(tile.level, tile.index, tile.width));
    if (tile.level === 0)
      await write(folder, entryBundlePath(tile), await log.reader.entries(tile.index, tile.width));
  }
  const checkpointNote = (await log.reader.checkpoint()) ?? '';
  console.error('verifier: at it');
  const { readTile, readEntries, path } = folder;
  const seconds = await secondsOf(async () => {
    const verdict = await verifyLogFolder({
      folder: path,
      vkey: log.identity.vkey,
      checkpointNote,
      readTile,
      readEntries,
      ...(threads === undefined ? {} : { threads }),
    });
    if (!verdict.ok || verdict.size !== size) throw new Error('the log does not verify');
  });
  console.error(`verifier: ${Math.round(size / seconds)}/s`);
  return size / seconds;
}

async function write(folder: LogFolder, path: string, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) throw new Error(`the log has no ${path}`);
  const file = join(folder.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
