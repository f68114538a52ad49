import {
  CompactRange,
  equalHashes,
  leafHash,
  MerkleError,
  TILE_WIDTH,
  type ReadTile,
  type TreeHead,
} from '@castellan/merkle-log';
import type { LogIdentity } from '../log-identity.js';
import { ExpiredPayloads } from '../retention/expired-payloads.js';
import type { ReadEntries } from '../verify-log.js';
import { LogAlarm } from './log-alarm.js';

/** Bundles that are asked for at once. */
const CONCURRENCY = 8;

export interface EntriesToRead {
  readonly identity: LogIdentity;
  readonly readTile: ReadTile;
  readonly readEntries: ReadEntries;
}

/**
 * Reads every entry after those in `seen` and shows that together they are the signed tree: nothing that was signed is
 * withheld, nothing else is shown, and no payload is gone but by a permit in the log. Resolves with the tree of all entries, to go on from at the next visit.
 *
 * @param seen the entries up to here, each of which was read before; its size is at most the head's
 * @param presented the note of `head`, for the alarm
 * @throws LogAlarm `entries_differ`, `log_incomplete`, `payload_missing`; what the readers throw
 */
export async function readNewEntries(
  seen: CompactRange,
  head: TreeHead,
  { identity, readTile, readEntries }: EntriesToRead,
  presented: string,
): Promise<CompactRange> {
  const expired = new ExpiredPayloads(identity);
  const range = CompactRange.restore(seen.size, seen.roots);
  while (range.size < head.size) {
    const first = Math.floor(range.size / TILE_WIDTH);
    const last = Math.min(first + CONCURRENCY, Math.ceil(head.size / TILE_WIDTH));
    const blocks = Array.from({ length: last - first }, (_, i) => first + i);
    const width = (block: number): number => Math.min(TILE_WIDTH, head.size - block * TILE_WIDTH);
    const bundles = await Promise.all(
      blocks.map((block) => readEntries(block, width(block)).catch(unreadable(block, presented))),
    );
    // Hashes are believed for leading to the signed root, together with those of all the other entries.
    const tiles = await Promise.all(
      blocks.map((index, i) =>
        bundles[i]?.some(isEmpty) ? readTile({ level: 0, index, width: width(index) }) : undefined,
      ),
    );
    bundles.forEach((entries, i) => {
      const begin = (first + i) * TILE_WIDTH;
      for (let index = range.size; index < begin + width(first + i); index += 1) {
        const entry = entries[index - begin];
        if (entry === undefined)
          throw new LogAlarm('log_incomplete', `Entry ${index} is not served.`, { presented });
        const hash = leafHash(entry);
        range.append(expired.hash(index, entry, tiles[i]?.[index - begin] ?? hash));
      }
    });
  }
  if (equalHashes(range.root(), head.root)) {
    const [fault] = expired.faults();
    if (fault === undefined) return range;
    throw new LogAlarm('payload_missing', fault.detail, { presented });
  }
  const detail = `Of the entries ${seen.size} to ${head.size - 1} one or more are not what was signed.`;
  throw new LogAlarm('entries_differ', detail, { presented });
}

function isEmpty(entry: Uint8Array | undefined): boolean {
  return entry?.length === 0;
}

function unreadable(block: number, presented: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof MerkleError)) throw error;
    throw new LogAlarm('entries_differ', `Bundle ${block}: ${error.publicDetail}`, { presented }, error);
  };
}
