import {
  CompactRange,
  equalHashes,
  leafHash,
  MerkleError,
  TILE_WIDTH,
  type TreeHead,
} from '@castellan/merkle-log';
import type { ReadEntries } from '../verify-log.js';
import { LogAlarm } from './log-alarm.js';

/** Bundles that are asked for at once. */
const CONCURRENCY = 8;

/**
 * Reads every entry after those in `seen` and shows that together they are the signed tree: nothing that was signed is
 * withheld, and nothing else is shown. Resolves with the tree of all entries, to go on from at the next visit.
 *
 * @param seen the entries up to here, each of which was read before; its size is at most the head's
 * @param presented the note of `head`, for the alarm
 * @throws LogAlarm `entries_differ`, `log_incomplete`; what `readEntries` throws
 */
export async function readNewEntries(
  seen: CompactRange,
  head: TreeHead,
  readEntries: ReadEntries,
  presented: string,
): Promise<CompactRange> {
  const range = CompactRange.restore(seen.size, seen.roots);
  while (range.size < head.size) {
    const first = Math.floor(range.size / TILE_WIDTH);
    const last = Math.min(first + CONCURRENCY, Math.ceil(head.size / TILE_WIDTH));
    const blocks = Array.from({ length: last - first }, (_, i) => first + i);
    const width = (block: number): number => Math.min(TILE_WIDTH, head.size - block * TILE_WIDTH);
    const bundles = await Promise.all(
      blocks.map((block) => readEntries(block, width(block)).catch(unreadable(block, presented))),
    );
    bundles.forEach((entries, i) => {
      const begin = (first + i) * TILE_WIDTH;
      for (let index = range.size; index < begin + width(first + i); index += 1) {
        const entry = entries[index - begin];
        if (entry === undefined)
          throw new LogAlarm('log_incomplete', `Entry ${index} is not served.`, { presented });
        range.append(leafHash(entry));
      }
    });
  }
  if (equalHashes(range.root(), head.root)) return range;
  const detail = `Of the entries ${seen.size} to ${head.size - 1} one or more are not what was signed.`;
  throw new LogAlarm('entries_differ', detail, { presented });
}

function unreadable(block: number, presented: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof MerkleError)) throw error;
    throw new LogAlarm('entries_differ', `Bundle ${block}: ${error.publicDetail}`, { presented }, error);
  };
}
