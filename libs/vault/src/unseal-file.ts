import type { KeyObject } from 'node:crypto';
import type { BlobReader, BlobStore } from '@castellan/blob-store';
import {
  CHUNK_BYTES,
  chunkOffset,
  HEADER_BYTES,
  plainSize,
  SealedStreamError,
  StreamKey,
} from '@castellan/sealed-stream';
import { type ChunkRun, ChunkRuns, RUN_PLAIN_BYTES, RUNS_AHEAD } from './chunk-run.js';
import { workOnChunks } from './chunk-threads.js';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

/** Those that are opened ahead, and those whose digest is not taken yet. */
const RUNS = 2 * RUNS_AHEAD;

/** A blob that holds a file from some byte on, and the data key it opens with. */
export interface SegmentToUnseal {
  readonly blobKey: string;
  readonly dataKeyId: string;
  readonly key: KeyObject;
}

/** The blob named here is the file's beginning; for most files it is all of it. */
export interface FileToUnseal extends SegmentToUnseal {
  readonly store: BlobStore;
  readonly path: string;
  /** What follows the first blob, in order: of a file that came in by pieces. */
  readonly further?: readonly SegmentToUnseal[];
  /** From a manifest that was verified. Checked before memory is taken (size) and before anything is given out (digest). */
  readonly expected?: { readonly sizeBytes: number; readonly sha256: string };
}

export interface UnsealedFile {
  /** The plaintext, in memory of its own. The caller wipes it (`fill(0)`) after use. */
  readonly bytes: Buffer<ArrayBuffer>;
  /** Of `bytes`, lowercase hexadecimal. */
  readonly sha256: string;
}

/**
 * A sealed file's plaintext, in memory only: one allocation of the file's size, and RUNS runs of chunks. Reading, opening and
 * the digest go on at the same time, on other threads.
 *
 * Fails with SealedStreamError `unsealing_failed` for a wrong key, path, data key id or order of segments, and for any change
 * to a blob; with VaultError `file_differs` when it isn't the file `expected` names; with the object store's errors. Nothing
 * is left in memory that this function allocated.
 */
export async function unsealFile(file: FileToUnseal): Promise<UnsealedFile> {
  const segments = [file, ...(file.further ?? [])];
  const sizes = await Promise.all(
    segments.map(async ({ blobKey }) => plainSize(await file.store.size(blobKey))),
  );
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  if (file.expected !== undefined && file.expected.sizeBytes !== sizeBytes) throw fileDiffers(file);
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  const hash = new Sha256Stream();
  try {
    let start = 0;
    for (const [turn, segment] of segments.entries()) {
      const end = start + (sizes[turn] ?? 0);
      await openInto(bytes.subarray(start, end), start, { ...file, ...segment }, hash);
      start = end;
    }
    const sha256 = await hash.digest();
    if (file.expected !== undefined && file.expected.sha256 !== sha256) throw fileDiffers(file);
    return { bytes, sha256 };
  } catch (error) {
    hash.discard();
    bytes.fill(0);
    throw error;
  }
}

/** Opens one segment, which begins at byte `start` of the file, into its place. */
async function openInto(
  target: Buffer,
  start: number,
  segment: FileToUnseal,
  hash: Sha256Stream,
): Promise<void> {
  const blob = await segment.store.reader(segment.blobKey);
  try {
    // The store gave another size before: a blob was exchanged in between.
    if (plainSize(blob.sizeBytes) !== target.byteLength) throw fileDiffers(segment);
    const header = new Uint8Array(HEADER_BYTES);
    await blob.readInto(0, header);
    const context = sealedFileContext(segment.dataKeyId, segment.path, start);
    await fill(target, blob, StreamKey.from(header, segment.key, context), hash);
  } finally {
    await blob.close();
  }
}

/** Each run is read and opened ahead; it is copied into its place, and hashed, in its turn. */
async function fill(target: Buffer, blob: BlobReader, key: StreamKey, hash: Sha256Stream): Promise<void> {
  const runs = new ChunkRuns(RUNS);
  const underWay: Promise<ChunkRun>[] = [];
  const hashing: Promise<void>[] = [];
  let filled = 0;
  const finishFirst = async () => {
    const run = await underWay.shift();
    if (run === undefined) return;
    hashing.push(ahead(hash.add(run.plaintext).finally(() => runs.giveBack(run))));
    for (const chunk of run.plaintext) filled += chunk.copy(target, filled);
  };
  try {
    for (let start = 0; start <= target.byteLength; start += RUN_PLAIN_BYTES) {
      const run = await runs.take(Math.min(RUN_PLAIN_BYTES, target.byteLength - start));
      underWay.push(ahead(openedRun(run, start / CHUNK_BYTES, blob, key)));
      if (underWay.length >= RUNS_AHEAD) await finishFirst();
    }
    while (underWay.length > 0) await finishFirst();
    await Promise.all(hashing);
  } finally {
    await Promise.allSettled([...underWay, ...hashing]);
    runs.wipe();
  }
}

async function openedRun(run: ChunkRun, first: number, blob: BlobReader, key: StreamKey): Promise<ChunkRun> {
  await blob.readInto(chunkOffset(first), run.sealed);
  const { chunkKey } = key;
  if (await workOnChunks({ task: 'open', chunkKey, first, chunks: run.chunks })) return run;
  throw new SealedStreamError('unsealing_failed', 'chunk');
}

/** Work that goes on by itself. Its failure counts where it is awaited, not before. */
function ahead<Value>(work: Promise<Value>): Promise<Value> {
  work.catch(() => undefined);
  return work;
}

function fileDiffers({ path }: FileToUnseal): VaultError {
  return new VaultError('file_differs', {
    kind: 'internal',
    publicDetail: `The stored file ${JSON.stringify(path)} is not the one that its digest names.`,
  });
}
