import {
  equalHashes,
  MerkleError,
  RightEdge,
  type Hash,
  type Tile,
  type TreeHead,
} from '@castellan/merkle-log';
import { forkDetected } from './audit-error.js';
import { hashText, isExpired } from './entry-row.js';
import { openTreeHead, type LogIdentity } from './log-identity.js';
import type { PrismaLogStore, StoredCheckpoint } from './prisma-log-store.js';

/** The log as it stands: what is integrated, and how much of it is signed. */
export interface IntegratedLog {
  readonly edge: RightEdge;
  readonly signed: TreeHead;
  /** Tiles as they were written since, the last of each being the one that counts. */
  readonly unsigned: readonly Tile[];
}

const BATCH = 1_000;

/**
 * Takes up the stored log where it stopped, whatever died in the middle of what.
 *
 * The signer's last note is authority for everything up to its size: the stored tree must have that root. After it the
 * rows are authority, and tiles are made from them again. A checkpoint that was signed but not stored is stored now.
 * Call it inside a transaction that leads.
 *
 * @param stored the last stored checkpoint, read *before* the signer was asked, so that the signer cannot know less
 * @param lastNote the signer's last note
 * @throws AuditError `audit_fork_detected` when rows, tiles or checkpoints are not what was signed
 */
export async function reconcile(
  store: PrismaLogStore,
  identity: LogIdentity,
  stored: StoredCheckpoint | undefined,
  lastNote: string | undefined,
): Promise<IntegratedLog> {
  const signed = openSigned(lastNote, identity);
  requireSignedCheckpoint(stored, lastNote, signed);
  const size = await store.size();
  if (size < signed.size)
    throw forkDetected(`${signed.size} leaves were signed and only ${size} are stored.`);
  const signedEdge = await readEdge(store, signed.size);
  if (!equalHashes(signedEdge.root(), signed.root))
    throw forkDetected(`The stored tree of ${signed.size} leaves has another root than the signed one.`);
  const edge = await integrateRows(store, signedEdge, size);
  if (lastNote !== undefined) await store.saveCheckpoint(signed.size, lastNote);
  return { edge, signed, unsigned: [] };
}

function openSigned(lastNote: string | undefined, identity: LogIdentity): TreeHead {
  try {
    return openTreeHead(lastNote, identity);
  } catch (cause) {
    throw forkDetected("The signer's last checkpoint does not belong to this log.", cause);
  }
}

function requireSignedCheckpoint(
  stored: StoredCheckpoint | undefined,
  lastNote: string | undefined,
  signed: TreeHead,
): void {
  if (stored === undefined) return;
  if (stored.size > BigInt(signed.size))
    throw forkDetected(`A checkpoint of ${stored.size} leaves is stored, which the signer does not know.`);
  if (stored.size === BigInt(signed.size) && stored.note !== lastNote)
    throw forkDetected(`The stored checkpoint of ${stored.size} leaves is not the one that was signed.`);
}

async function readEdge(store: PrismaLogStore, size: number): Promise<RightEdge> {
  try {
    return await RightEdge.read(size, store.readTile);
  } catch (cause) {
    if (cause instanceof MerkleError)
      throw forkDetected(`The stored tiles do not hold a tree of ${size} leaves.`, cause);
    throw cause;
  }
}

/** Grows the signed tree by the rows after it, from their texts, and stores the tiles of the result. */
async function integrateRows(store: PrismaLogStore, signed: RightEdge, size: number): Promise<RightEdge> {
  let edge = signed;
  while (edge.size < size) {
    const growth = edge.grow(await leaves(store, edge.size, Math.min(size, edge.size + BATCH)));
    await store.writeTiles(growth.tiles);
    edge = growth.edge;
  }
  return edge;
}

async function leaves(store: PrismaLogStore, begin: number, end: number): Promise<Hash[]> {
  const rows = await store.rows(begin, end);
  const gap = rows.findIndex((row, i) => Number(row.index) !== begin + i);
  const complete = gap < 0 && rows.length === end - begin;
  if (!complete) throw forkDetected(`Leaf ${begin + (gap < 0 ? rows.length : gap)} is missing.`);
  return rows.map((row) => (isExpired(row) ? row.leafHash : hashText(row.event)));
}
