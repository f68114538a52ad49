import type { KeyObject } from 'node:crypto';
import type { BlobStore } from '@castellan/blob-store';
import { open, plainSize } from '@castellan/sealed-stream';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

export interface FileToUnseal {
  readonly store: BlobStore;
  readonly blobKey: string;
  readonly dataKeyId: string;
  readonly key: KeyObject;
  readonly path: string;
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
 * Fails with SealedStreamError `unsealing_failed` for a wrong key, path or data key id, and for any change to the blob; with
 * VaultError `file_differs` when it isn't the file `expected` names; with the object store's errors. Nothing is left in
 * memory that this function allocated.
 */
export async function unsealFile(file: FileToUnseal): Promise<UnsealedFile> {
  const sizeBytes = plainSize(await file.store.size(file.blobKey));
  if (file.expected !== undefined && file.expected.sizeBytes !== sizeBytes) throw fileDiffers(file);
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  try {
    const sha256 = await fill(bytes, file);
    if (file.expected !== undefined && file.expected.sha256 !== sha256) throw fileDiffers(file);
    return { bytes, sha256 };
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}

async function fill(bytes: Buffer, file: FileToUnseal): Promise<string> {
  const context = sealedFileContext(file.dataKeyId, file.path);
  const hash = new Sha256Stream();
  try {
    let filled = 0;
    for await (const chunk of open(file.key, context, file.store.get(file.blobKey))) {
      await hash.update(chunk);
      chunk.copy(bytes, filled);
      filled += chunk.byteLength;
      chunk.fill(0);
    }
    // Genuine, but not what the store gave the size of: the blob was exchanged in between.
    if (filled !== bytes.byteLength) throw fileDiffers(file);
  } catch (error) {
    hash.discard();
    throw error;
  }
  return hash.digest();
}

function fileDiffers({ path }: FileToUnseal): VaultError {
  return new VaultError('file_differs', {
    kind: 'internal',
    publicDetail: `The stored file ${JSON.stringify(path)} is not the one that its digest names.`,
  });
}
