export { blobStoreConfig, type BlobStoreConfig } from './blob-store.config.js';
export { BlobStoreError, type BlobStoreErrorCode } from './blob-store-error.js';
export { blobStoreFromUrl } from './blob-store-from-url.js';
export { BlobStore, type BlobReader } from './blob-store.js';
export { FolderBlobStore } from './folder-blob-store.js';
export { readS3Address, type S3Address } from './s3-address.js';
