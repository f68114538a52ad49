import type { KeyObject } from 'node:crypto';
import type { BlobStore } from '@castellan/blob-store';
import { open, plainSize } from '@castellan/sealed-stream';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

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
 * A sealed file's plaintext, in memory only: one allocation of the file's size, and about eight chunks. The digest is
 * taken on another thread while the next chunk is opened.
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
    let filled = 0;
    for (const segment of segments) filled += await fill(bytes, filled, { ...file, ...segment }, hash);
    // Genuine, but not what the store gave the size of: a blob was exchanged in between.
    if (filled !== sizeBytes) throw fileDiffers(file);
    const sha256 = await hash.digest();
    if (file.expected !== undefined && file.expected.sha256 !== sha256) throw fileDiffers(file);
    return { bytes, sha256 };
  } catch (error) {
    hash.discard();
    bytes.fill(0);
    throw error;
  }
}

/** Opens one segment into its place. Resolves with its length. */
async function fill(
  bytes: Buffer,
  start: number,
  segment: FileToUnseal,
  hash: Sha256Stream,
): Promise<number> {
  const context = sealedFileContext(segment.dataKeyId, segment.path, start);
  let filled = 0;
  for await (const chunk of open(segment.key, context, segment.store.get(segment.blobKey))) {
    await hash.update(chunk);
    chunk.copy(bytes, start + filled);
    filled += chunk.byteLength;
    chunk.fill(0);
  }
  return filled;
}

function fileDiffers({ path }: FileToUnseal): VaultError {
  return new VaultError('file_differs', {
    kind: 'internal',
    publicDetail: `The stored file ${JSON.stringify(path)} is not the one that its digest names.`,
  });
}
