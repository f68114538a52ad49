import { fileURLToPath } from 'node:url';
import { BlobStoreError } from './blob-store-error.js';
import type { BlobStore } from './blob-store.js';
import { FolderBlobStore } from './folder-blob-store.js';

/** Opens the object store that an address names: `file:///absolute/folder`. Fails with `blob_url_invalid`. */
export async function blobStoreFromUrl(url: string): Promise<BlobStore> {
  return FolderBlobStore.open(folderOf(url));
}

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new BlobStoreError('blob_url_invalid', cause);
  }
}
