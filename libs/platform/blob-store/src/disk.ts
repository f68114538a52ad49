import { open } from 'node:fs/promises';
import { BlobStoreError } from './blob-store-error.js';

/** Runs a file operation and gives its failure in the store's words. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new BlobStoreError(codeFor(cause), cause);
  }
}

/** Makes the names in a folder durable: without it a crash may forget a file whose contents were synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Not `instanceof Error`: file errors may come from another realm than ours. */
export function systemCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function codeFor(cause: unknown) {
  switch (systemCode(cause)) {
    case 'ENOENT':
      return 'blob_missing';
    case 'EEXIST':
      return 'blob_exists';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'blob_store_full';
    default:
      return 'blob_store_unavailable';
  }
}
