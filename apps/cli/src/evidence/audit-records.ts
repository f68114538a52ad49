import type { BundleIndex } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { parseLogProof, verifyLogProof } from '@castellan/merkle-log';
import { openCheckpoint, VerifierKey, type Checkpoint } from '@castellan/signed-note';
import { z } from 'zod';
import type { BundleArchive } from './bundle-archive.js';
import { EvidenceError, type Faults } from './fault.js';

const LEAF_FILE = /^audit\/(\d+)\.(?:leaf\.json|tlog-proof)$/;

const Leaf = z.object({ id: z.string(), action: z.string(), time: z.string() });

/** An event that is proven to stand in the log. */
export interface ProvenRecord {
  readonly index: number;
  readonly action: string;
  readonly time: string;
}

/** Each listed leaf under the bundle's checkpoint. */
export async function checkAuditRecords(
  archive: BundleArchive,
  index: BundleIndex,
  faults: Faults,
  checkpoint: Checkpoint,
): Promise<ProvenRecord[]> {
  const records: ProvenRecord[] = [];
  for (const listed of index.leaves) {
    const record = await faults.guard(`audit/${listed.index}.leaf.json`, () =>
      proveLeaf(archive, listed, checkpoint),
    );
    if (record !== undefined) records.push(record);
  }
  if (index.leaves.length === 0)
    faults.add('records_missing', 'bundle.json', 'No audit record comes with the version.');
  const listed = new Set(index.leaves.map((leaf) => leaf.index));
  for (const path of archive.files.keys()) {
    const [, at] = LEAF_FILE.exec(path) ?? [];
    if (at !== undefined && !listed.has(at))
      faults.add('record_unlisted', path, 'bundle.json does not list this record.');
  }
  return records;
}

/** @throws NoteError, EvidenceError `tree_size_mismatch` */
export function openBundleCheckpoint(archive: BundleArchive, index: BundleIndex): Checkpoint {
  const key = VerifierKey.parse(archive.text('audit/log.vkey').trim());
  const checkpoint = openCheckpoint(archive.text('audit/checkpoint.txt'), index.logOrigin, [key]);
  if (String(checkpoint.size) === index.treeSize) return checkpoint;
  throw new EvidenceError(
    'tree_size_mismatch',
    `bundle.json speaks of ${index.treeSize} leaves, not ${checkpoint.size}.`,
  );
}

function proveLeaf(
  archive: BundleArchive,
  listed: BundleIndex['leaves'][number],
  { size, root }: Checkpoint,
): ProvenRecord {
  const proof = archive.text(`audit/${listed.index}.tlog-proof`);
  const entry = archive.text(`audit/${listed.index}.leaf.json`);
  if (parseLogProof(proof).checkpoint !== archive.text('audit/checkpoint.txt'))
    throw new EvidenceError('checkpoint_differs', 'Its proof leads to another checkpoint.');
  const { index } = verifyLogProof(proof, Buffer.from(entry), () => ({ size, root }));
  if (String(index) !== listed.index)
    throw new EvidenceError('record_mismatch', `It is proven for leaf ${index}.`);
  const { id, action, time } = parseLeaf(entry);
  if (id !== listed.eventId || action !== listed.action)
    throw new EvidenceError('record_mismatch', `bundle.json lists another event than ${action} ${id}.`);
  return { index, action, time };
}

function parseLeaf(text: string): z.infer<typeof Leaf> {
  try {
    return Leaf.parse(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof CastellanError) throw cause;
    throw new EvidenceError('record_malformed', 'It is not an audit event.', cause);
  }
}
