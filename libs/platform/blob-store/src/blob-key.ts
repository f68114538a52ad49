import { BlobStoreError } from './blob-store-error.js';

const KEY = /^[a-z0-9-]{1,200}(\/[a-z0-9-]{1,200})*$/;
const PREFIX = /^[a-z0-9/-]*$/;
const MAX_CHARACTERS = 512;

/** Refuses with `blob_key_invalid` whatever could mean a place outside the store, or two spellings of one place. */
export function requireBlobKey(key: string): void {
  if (key.length > MAX_CHARACTERS || !KEY.test(key)) throw new BlobStoreError('blob_key_invalid');
}

export function requireBlobPrefix(prefix: string): void {
  if (prefix.length > MAX_CHARACTERS || !PREFIX.test(prefix)) throw new BlobStoreError('blob_key_invalid');
}
