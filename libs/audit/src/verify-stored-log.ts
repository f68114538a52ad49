import type { Database } from '@castellan/database';
import { equalHashes, TILE_WIDTH } from '@castellan/merkle-log';
import { differingColumns, type EntryRow, isExpired } from './entry-row.js';
import type { LogFault } from './log-fault.js';
import type { LogIdentity } from './log-identity.js';
import { PrismaLogStore } from './prisma-log-store.js';
import { differingRanges } from './search/differing-ranges.js';
import { verifyLog, type LogVerdict } from './verify-log.js';

/**
 * Verifies the log in the database, from leaf 0 to the last checkpoint, the columns and the ranges that searches go
 * by.
 * @param held checkpoints that the caller kept outside the database; without one, a database that was set back as a whole
 *   looks sound
 */
export async function verifyStoredLog(
  database: Database,
  identity: LogIdentity,
  held: readonly string[] = [],
): Promise<LogVerdict> {
  const store = new PrismaLogStore(database.client);
  const checkpoints = await store.checkpoints();
  const [presented, ...older] = checkpoints.map(({ note }) => note);
  if (presented === undefined && held.length === 0) return { ok: true, size: 0, faults: [] };
  const columns: LogFault[] = [];
  const verdict = await verifyLog({
    ...identity,
    checkpointNote: presented ?? '',
    held: [...held, ...older],
    readTile: store.readTile,
    readEntries: async (index, width) => {
      const entries: (Uint8Array | undefined)[] = [];
      const expired: EntryRow[] = [];
      const [begin, end] = [index * TILE_WIDTH, index * TILE_WIDTH + width];
      const rows = await store.rows(begin, end);
      columns.push(...(await differingRanges(database.client, { begin, end }, rows)));
      for (const row of rows) {
        entries[Number(row.index) % TILE_WIDTH] = Buffer.from(row.event);
        if (isExpired(row)) expired.push(row);
        const differing = differingColumns(row);
        if (differing.length > 0) columns.push(indexDiffers(Number(row.index), differing));
      }
      if (expired.length > 0) columns.push(...(await keptHashFaults(store, index, width, expired)));
      return entries;
    },
  });
  const foreign = (await store.foreignIndexes()).map(foreignLeaf);
  const faults = [...verdict.faults, ...columns, ...foreign].sort((a, b) => a.index - b.index);
  return { ...verdict, ok: faults.length === 0, faults };
}

/** The hash that is kept in a row whose payload has expired must be the tile's, which is verified beside it. */
async function keptHashFaults(
  store: PrismaLogStore,
  index: number,
  width: number,
  expired: readonly EntryRow[],
): Promise<LogFault[]> {
  const tile = await store.readTile({ level: 0, index, width });
  return expired.flatMap((row) => {
    const hash = tile?.[Number(row.index) % TILE_WIDTH];
    const same = hash !== undefined && equalHashes(hash, row.leafHash);
    return same ? [] : [indexDiffers(Number(row.index), ['leafHash'])];
  });
}

function indexDiffers(index: number, columns: readonly string[]): LogFault {
  const detail = `The columns ${columns.join(', ')} of leaf ${index} do not say what its text says.`;
  return { index, code: 'index_differs', detail };
}

function foreignLeaf(index: bigint): LogFault {
  return {
    index: Number(index),
    code: 'leaf_foreign',
    detail: `A leaf is stored at ${index}, where no log has one.`,
  };
}
