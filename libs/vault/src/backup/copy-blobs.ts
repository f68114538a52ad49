import { createHash } from 'node:crypto';
import { BlobStoreError, type BlobStore } from '@castellan/blob-store';
import type { StoredBlob } from './backup-format.js';

export interface BlobToCopy {
  readonly key: string;
  readonly sizeBytes: number;
}

export type BlobSource = Pick<BlobStore, 'get'>;

/** Every blob of a store, with its size. One that is deleted meanwhile is left out. */
export async function listBlobs(store: BlobStore, signal: AbortSignal): Promise<BlobToCopy[]> {
  const blobs: BlobToCopy[] = [];
  for await (const key of store.list('')) {
    signal.throwIfAborted();
    const sizeBytes = await unlessMissing(store.size(key));
    if (sizeBytes !== undefined) blobs.push({ key, sizeBytes });
  }
  return blobs;
}

/**
 * Copies one blob and gives its digest; undefined when it is gone. One that an interrupted try has copied already is
 * compared, byte by byte of its digest, and not written again.
 * @throws BlobStoreError `blob_exists` when the copy that is there is another
 */
export async function copyBlob(
  from: BlobSource,
  to: BlobStore,
  key: string,
  watch: (bytes: number) => void,
): Promise<StoredBlob | undefined> {
  const given = measured(from.get(key), watch);
  const put = to.put(key, given.pieces).catch(async (error: unknown) => {
    if (!(error instanceof BlobStoreError && error.code === 'blob_exists')) throw error;
    const [there, here] = [await digestOf(to, key, () => undefined), await digestOf(from, key, watch)];
    if (there.sha256 !== here.sha256) throw error;
    return here;
  });
  const copied = await unlessMissing(put);
  if (copied === undefined) return undefined;
  return 'sha256' in copied ? copied : { key, ...given.digest() };
}

/** Reads a whole blob. @throws BlobStoreError `blob_missing` */
export async function digestOf(
  store: BlobSource,
  key: string,
  watch: (bytes: number) => void,
): Promise<StoredBlob> {
  const { pieces, digest } = measured(store.get(key), watch);
  for await (const _ of pieces);
  return { key, ...digest() };
}

function measured(source: AsyncIterable<Uint8Array>, watch: (bytes: number) => void) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const pieces = async function* () {
    for await (const piece of source) {
      hash.update(piece);
      sizeBytes += piece.byteLength;
      watch(piece.byteLength);
      yield piece;
    }
  };
  return { pieces: pieces(), digest: () => ({ sizeBytes, sha256: hash.digest('hex') }) };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BlobStoreError && error.code === 'blob_missing') return undefined;
    throw error;
  }
}
