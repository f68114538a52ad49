import {
  equalHashes,
  leafHash,
  rootOf,
  TILE_WIDTH,
  type Hash,
  type ReadTile,
  type TreeHead,
} from '@castellan/merkle-log';
import { NoteError, VerifierKey } from '@castellan/signed-note';
import { HistoryCheck } from './history-check.js';
import { LeafComparison } from './leaf-comparison.js';
import type { LogFault } from './log-fault.js';
import { openTreeHead, type LogIdentity } from './log-identity.js';
import { ExpiredPayloads } from './retention/expired-payloads.js';
import { SignedTiles, type SignedTile } from './signed-tiles.js';

/**
 * The `width` entries from `index` · 256 on; a hole, or a short answer, for entries that are gone, and no bytes for one whose
 * payload has expired.
 */
export type ReadEntries = (index: number, width: number) => Promise<readonly (Uint8Array | undefined)[]>;

export interface LogToVerify {
  /** The checkpoint that the log presents. */
  readonly checkpointNote: string;
  /** The log's verifier key, from outside: a published file, an evidence bundle, another machine. */
  readonly vkey: string;
  /** Default: the key's name, as Castellan's logs have it. */
  readonly origin?: string;
  /** Checkpoints of this log that the verifier kept from earlier, in any order. They are what catches a log set back. */
  readonly held?: readonly string[];
  readonly readTile: ReadTile;
  readonly readEntries: ReadEntries;
  /** Stop collecting beyond this many faults. Default 1,000. */
  readonly maxFaults?: number;
}

export interface LogVerdict {
  /** Whether every stored leaf is the signed one, and the log continues every checkpoint that the verifier holds. */
  readonly ok: boolean;
  /** Leaves that were verified: the size of the largest checkpoint, presented or held. */
  readonly size: number;
  /** Leaves of which only the hash is left, as the signed log says; absent if there are none. */
  readonly expired?: number;
  /** By index. */
  readonly faults: readonly LogFault[];
}

/**
 * Verifies a whole log from leaf 0: hashes every stored entry, compares it with what the checkpoint's root vouches for, and
 * says what differs and where. Needs nothing of Castellan's: a folder of C2SP tiles and a checkpoint suffice. Memory is
 * constant but for the faults and the indexes of what has expired.
 *
 * It cannot see what was never signed, nor that a checkpoint newer than every one it was given has been taken away.
 */
export async function verifyLog(log: LogToVerify): Promise<LogVerdict> {
  const identity = { origin: log.origin ?? VerifierKey.parse(log.vkey).name, vkey: log.vkey };
  const opened = openHeads(log, identity);
  const [target] = opened.heads;
  if (target === undefined) return { ok: false, size: 0, faults: opened.faults };
  const tiles = new SignedTiles(target, log.readTile);
  const leaves = new LeafComparison(log.maxFaults ?? 1_000);
  const history = new HistoryCheck(opened.heads, await tiles.edgeIsSigned);
  const expired = new ExpiredPayloads(identity, log.maxFaults);
  for (let block = 0; block * TILE_WIDTH < target.size; block += 1) {
    const width = Math.min(TILE_WIDTH, target.size - block * TILE_WIDTH);
    const signed = await tiles.tile(0, block);
    const actual = hashEntries(await log.readEntries(block, width), width, (entry, i) => {
      const hash = signed.hashes?.[i];
      return hash === undefined ? hashOfPayload(entry) : expired.hash(block * TILE_WIDTH + i, entry, hash);
    });
    history.advance(compareBlock(leaves, block * TILE_WIDTH, actual, signed));
  }
  const faults = [
    ...opened.faults,
    ...(await tiles.faults()),
    ...history.faults(),
    ...leaves.faults(target.size),
    ...expired.faults(),
  ];
  return {
    ok: faults.length === 0,
    size: target.size,
    ...(expired.count > 0 && { expired: expired.count }),
    faults: faults.sort((a, b) => a.index - b.index),
  };
}

/** Compares one block with what is known of it, and returns what the history there was, as far as it is known. */
function compareBlock(
  leaves: LeafComparison,
  begin: number,
  actual: readonly (Hash | undefined)[],
  { hashes, root }: SignedTile,
): readonly (Hash | undefined)[] {
  if (hashes !== undefined) {
    leaves.compare(begin, actual, hashes);
    return hashes;
  }
  if (root === undefined) {
    leaves.lookForHoles(begin, actual);
    return actual;
  }
  const isSound = leaves.compareBlock(begin, actual, (stored) => equalHashes(rootOf(stored), root));
  return isSound ? actual : [undefined];
}

/** All signed heads, largest first, and what is wrong with the notes. */
export function openHeads(
  log: Pick<LogToVerify, 'checkpointNote' | 'held'>,
  identity: LogIdentity,
): { heads: TreeHead[]; faults: LogFault[] } {
  const faults: LogFault[] = [];
  const open = (note: string, whose: string): TreeHead[] => {
    try {
      return [openTreeHead(note, identity)];
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      faults.push({
        index: 0,
        code: 'checkpoint_invalid',
        detail: `The ${whose} checkpoint: ${error.publicDetail}`,
      });
      return [];
    }
  };
  const presented = open(log.checkpointNote, 'presented');
  const held = (log.held ?? []).flatMap((note) => open(note, 'held'));
  const heads = [...presented, ...held].sort((a, b) => b.size - a.size);
  const [largest] = heads;
  const size = presented[0]?.size;
  if (size !== undefined && largest !== undefined && size < largest.size)
    faults.push({
      index: size,
      code: 'checkpoint_rolled_back',
      detail: `The log presents a checkpoint of ${size} leaves, but has signed ${largest.size}.`,
    });
  return { heads, faults };
}

function hashEntries(
  entries: Awaited<ReturnType<ReadEntries>>,
  width: number,
  hashOf: (entry: Uint8Array, i: number) => Hash | undefined,
): (Hash | undefined)[] {
  return Array.from({ length: width }, (_, i) => {
    const entry = entries[i];
    return entry === undefined ? undefined : hashOf(entry, i);
  });
}

/** Where nothing is known of what was signed, a payload that is gone is a leaf that is gone. */
function hashOfPayload(entry: Uint8Array): Hash | undefined {
  return entry.length === 0 ? undefined : leafHash(entry);
}
