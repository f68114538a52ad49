import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  equalHashes,
  hashesAtLevel,
  MerkleError,
  rootFromTiles,
  TILE_WIDTH,
  type ReadTile,
  type TreeHead,
} from '@castellan/merkle-log';
import { VerifierKey } from '@castellan/signed-note';
import { ExpiredPayloads } from './retention/expired-payloads.js';
import { EXPIRY_ACTION } from './retention/expiry-permit.js';
import { SignedTiles } from './signed-tiles.js';
import { openHeads, verifyLog, type LogToVerify, type LogVerdict } from './verify-log.js';

/** Fewer blocks of 256 leaves than this are not worth a thread. */
const MIN_BLOCKS = 64;

export interface LogFolderToVerify extends LogToVerify {
  /** Where `readTile` and `readEntries` read from, laid out as C2SP tlog-tiles has it. */
  readonly folder: string;
  /** Default: as many as the machine runs at once. */
  readonly threads?: number;
}

/**
 * The verdict of `verifyLog` over a copy in a folder, by several threads. A sound log takes a fraction of the time; of one
 * that is not the faults are then found, and named, by `verifyLog` itself.
 */
export async function verifyLogFolder(log: LogFolderToVerify): Promise<LogVerdict> {
  const identity = { origin: log.origin ?? VerifierKey.parse(log.vkey).name, vkey: log.vkey };
  const { heads, faults } = openHeads(log, identity);
  const [head] = heads;
  const expired = new ExpiredPayloads(identity);
  const sound = faults.length === 0 && head !== undefined && (await isSound(log, head, heads, expired));
  if (!sound) return verifyLog(log);
  return { ok: true, size: head.size, ...(expired.count > 0 && { expired: expired.count }), faults: [] };
}

async function isSound(
  log: LogFolderToVerify,
  head: TreeHead,
  heads: readonly TreeHead[],
  expired: ExpiredPayloads,
): Promise<boolean> {
  const tiles = new SignedTiles(head, log.readTile);
  if (!(await tiles.edgeIsSigned) || !(await isLastBlockSound(log, head, tiles, expired))) return false;
  const roots = await blockRoots(head, tiles);
  if (roots === undefined) return false;
  const verdicts = await Promise.all(
    shares(roots, log.threads ?? availableParallelism()).map(([first, share]) =>
      inThread({ folder: log.folder, first, roots: Buffer.concat(share) }),
    ),
  );
  for (const { empty, expiries } of verdicts) expired.add(empty, expiries);
  const sound = verdicts.every((verdict) => verdict.sound) && expired.faults().length === 0;
  return sound && areBeginnings(log, heads);
}

/** The roots of all full blocks of leaves, from tiles that lead to the signed root; `undefined` when one does not. */
async function blockRoots(head: TreeHead, tiles: SignedTiles): Promise<Uint8Array[] | undefined> {
  const roots: Uint8Array[] = [];
  for (let index = 0; roots.length < Math.floor(head.size / TILE_WIDTH); index += 1) {
    const { hashes } = await tiles.tile(1, index);
    if (hashes === undefined) return undefined;
    roots.push(...hashes);
  }
  return roots;
}

async function isLastBlockSound(
  log: LogToVerify,
  { size }: TreeHead,
  tiles: SignedTiles,
  expired: ExpiredPayloads,
): Promise<boolean> {
  const width = size % TILE_WIDTH;
  const block = Math.floor(size / TILE_WIDTH);
  if (width === 0) return true;
  const [entries, { hashes }] = [await log.readEntries(block, width), await tiles.tile(0, block)];
  return (
    hashes?.every((hash, i) => {
      const entry = entries[i];
      return entry !== undefined && equalHashes(expired.hash(block * TILE_WIDTH + i, entry, hash), hash);
    }) === true
  );
}

/**
 * Whether every held tree is a beginning of the largest, by tiles that were found to lead to its root. Tiles are read as
 * wide as they are now: a copy need not have the narrower ones of earlier sizes.
 */
async function areBeginnings({ readTile }: LogToVerify, heads: readonly TreeHead[]): Promise<boolean> {
  const size = heads[0]?.size ?? 0;
  const readWhole: ReadTile = ({ level, index }) => {
    const width = Math.min(TILE_WIDTH, hashesAtLevel(level, size) - index * TILE_WIDTH);
    return readTile({ level, index, width });
  };
  try {
    for (const head of heads)
      if (head.size > 0 && !equalHashes(await rootFromTiles(head.size, readWhole), head.root)) return false;
    return true;
  } catch (error) {
    if (error instanceof MerkleError) return false;
    throw error;
  }
}

/** Runs of about equal length, each with the index of its first block. */
function shares(roots: readonly Uint8Array[], threads: number): [number, readonly Uint8Array[]][] {
  const length = Math.max(MIN_BLOCKS, Math.ceil(roots.length / threads));
  const count = Math.ceil(roots.length / length);
  return Array.from({ length: count }, (_, i) => [i * length, roots.slice(i * length, (i + 1) * length)]);
}

/** What a thread answers: sound but for the leaves without a payload, and entries that may be permits. */
interface ThreadVerdict {
  readonly sound: boolean;
  readonly empty: readonly number[];
  readonly expiries: readonly Uint8Array[];
}

async function inThread(share: {
  readonly folder: string;
  readonly first: number;
  readonly roots: Uint8Array;
}): Promise<ThreadVerdict> {
  const worker = new Worker(new URL('./verify-thread-main.mjs', import.meta.url), {
    workerData: { ...share, expiryAction: EXPIRY_ACTION },
    execArgv: [],
  });
  const [verdict]: ThreadVerdict[] = await once(worker, 'message');
  return verdict ?? { sound: false, empty: [], expiries: [] };
}
