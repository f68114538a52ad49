import {
  equalHashes,
  MerkleError,
  proveConsistency,
  rootFromTiles,
  verifyConsistency,
  type ReadTile,
  type TreeHead,
} from '@castellan/merkle-log';
import { NoteError } from '@castellan/signed-note';
import { openTreeHead, type LogIdentity } from '../log-identity.js';
import { LogAlarm } from './log-alarm.js';

export interface LogVisit {
  readonly identity: LogIdentity;
  /** The checkpoint of the visit before, from the visitor's own keeping; `undefined` at the first. */
  readonly held: string | undefined;
  /** The checkpoint that the log presents now. */
  readonly presented: string;
  readonly readTile: ReadTile;
}

/**
 * One look of a monitor: is what the log presents signed by its key, and a growth of what the monitor holds? Resolves with
 * the presented head, which the monitor holds from now on.
 *
 * Whoever looks often enough sees every set back, rewritten or split log, unless a different log is shown to each who asks:
 * against that, compare checkpoints with others, or let witnesses do it.
 *
 * @throws LogAlarm; NoteError when the held note is not of this log; what `readTile` throws
 */
export async function visitLog({ identity, held, presented, readTile }: LogVisit): Promise<TreeHead> {
  const last = openTreeHead(held, identity);
  const next = openPresented(presented, held, identity);
  const notes = { held, presented };
  if (next.size < last.size)
    throw new LogAlarm(
      'checkpoint_rolled_back',
      `The log presents ${next.size} leaves, but had signed ${last.size}: it was set back.`,
      notes,
    );
  try {
    const proof = await proveConsistency(last.size, next.size, readTile);
    verifyConsistency(
      { oldSize: last.size, oldRoot: last.root, newSize: next.size, newRoot: next.root },
      proof,
    );
  } catch (cause) {
    if (cause instanceof MerkleError) throw await explained(last, next, notes, readTile, cause);
    throw cause;
  }
  return next;
}

function openPresented(presented: string, held: string | undefined, identity: LogIdentity): TreeHead {
  try {
    return openTreeHead(presented, identity);
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause;
    throw new LogAlarm('checkpoint_invalid', cause.publicDetail, { held, presented }, cause);
  }
}

/** Why there is no proof: two histories, or tiles that are not the signed ones. */
async function explained(
  last: TreeHead,
  next: TreeHead,
  notes: { readonly held: string | undefined; readonly presented: string },
  readTile: ReadTile,
  cause: MerkleError,
): Promise<LogAlarm> {
  if (cause.code === 'tile_missing') return new LogAlarm('log_incomplete', cause.publicDetail, notes, cause);
  if (last.size < next.size && !(await leadsTo(next, readTile)))
    return new LogAlarm(
      'tiles_differ',
      `The tiles that are served do not lead to the signed root of ${next.size} leaves.`,
      notes,
      cause,
    );
  const detail = `The signed log of ${last.size} leaves is no beginning of the signed log of ${next.size}: there are two histories.`;
  return new LogAlarm('log_forked', detail, notes, cause);
}

async function leadsTo({ size, root }: TreeHead, readTile: ReadTile): Promise<boolean> {
  try {
    return equalHashes(await rootFromTiles(size, readTile), root);
  } catch (error) {
    if (error instanceof MerkleError) return false;
    throw error;
  }
}
