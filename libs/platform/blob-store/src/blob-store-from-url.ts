import { fileURLToPath } from 'node:url';
import { BlobStoreError } from './blob-store-error.js';
import type { BlobStore } from './blob-store.js';
import { FolderBlobStore } from './folder-blob-store.js';
import { readS3Address } from './s3-address.js';

/**
 * Opens the object store that an address names: `file:///absolute/folder`, or `s3://bucket/prefix?region=…` with the options
 * of `readS3Address`. Fails with `blob_url_invalid` or `blob_store_unavailable`.
 */
export async function blobStoreFromUrl(url: string): Promise<BlobStore> {
  if (!url.startsWith('s3:')) return FolderBlobStore.open(folderOf(url));
  // Loaded at need: the client is large, and a folder doesn't want it.
  const { S3BlobStore } = await import('./s3-blob-store.js');
  return S3BlobStore.open(readS3Address(url));
}

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new BlobStoreError('blob_url_invalid', cause);
  }
}
