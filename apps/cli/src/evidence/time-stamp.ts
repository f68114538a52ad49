import { verifyConsistency } from '@castellan/merkle-log';
import { timeStamps } from '@castellan/pki';
import { openCheckpoint, VerifierKey, type Checkpoint } from '@castellan/signed-note';
import type { BundleArchive } from './bundle-archive.js';
import { EvidenceError } from './fault.js';

/** By when, on a clock that is not the platform's, the first leaves of the log existed. */
export interface ProvenTime {
  /** ISO 8601 UTC. */
  readonly time: string;
  /** Every leaf below this index is at least as old. */
  readonly leaves: number;
  readonly authority: string;
  /** Whether the authority's certificate was checked against one that the verifier brought. */
  readonly pinned: boolean;
}

export const TIME_STAMP = 'audit/timestamp/token.tst';

/**
 * Checks the bundle's time stamp: the token over the earlier checkpoint, the log's signature on that, and that the bundle's
 * log continues it. `undefined` for a bundle without one, unless the verifier brought an authority's certificate.
 * @throws EvidenceError `time_stamp_missing`; PkiError, NoteError, MerkleError for what does not hold
 */
export async function checkTimeStamp(
  archive: BundleArchive,
  { origin, size, root }: Checkpoint,
  caPem: string | undefined,
): Promise<ProvenTime | undefined> {
  if (!archive.files.has(TIME_STAMP)) {
    if (caPem === undefined) return undefined;
    throw new EvidenceError('time_stamp_missing', 'No time stamp of the authority comes with the bundle.');
  }
  const note = archive.text('audit/timestamp/checkpoint.txt');
  const trusted = caPem === undefined ? [] : [caPem];
  const { verifyTimeStamp } = await timeStamps();
  const stamp = await verifyTimeStamp(
    archive.bytes(TIME_STAMP),
    archive.bytes('audit/timestamp/checkpoint.txt'),
    trusted,
  );
  const key = VerifierKey.parse(archive.text('audit/log.vkey').trim());
  const older = openCheckpoint(note, origin, [key]);
  const lines = archive.text('audit/timestamp/consistency.txt').split('\n').slice(0, -1);
  const proof = lines.map((line) => new Uint8Array(Buffer.from(line, 'base64')));
  verifyConsistency({ oldSize: older.size, oldRoot: older.root, newSize: size, newRoot: root }, proof);
  return {
    time: stamp.time.toISOString(),
    leaves: older.size,
    authority: stamp.subject,
    pinned: caPem !== undefined,
  };
}
