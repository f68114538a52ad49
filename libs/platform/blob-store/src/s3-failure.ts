import { S3ServiceException } from '@aws-sdk/client-s3';
import { BlobStoreError, type BlobStoreErrorCode } from './blob-store-error.js';

const CODES: Readonly<Record<string, BlobStoreErrorCode>> = {
  NoSuchKey: 'blob_missing',
  NotFound: 'blob_missing',
  PreconditionFailed: 'blob_exists',
  ConditionalRequestConflict: 'blob_exists',
  InvalidRange: 'blob_range_invalid',
  QuotaExceeded: 'blob_store_full',
  InsufficientStorage: 'blob_store_full',
  XMinioStorageFull: 'blob_store_full',
};

/** Runs a request and gives its failure in the store's words. What is not known is `blob_store_unavailable`. */
export async function onS3<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof BlobStoreError ? cause : new BlobStoreError(codeFor(cause), cause);
  }
}

function codeFor(cause: unknown): BlobStoreErrorCode {
  if (!(cause instanceof S3ServiceException)) return 'blob_store_unavailable';
  const known = CODES[cause.name];
  if (known !== undefined) return known;
  // Some servers answer with the status alone.
  switch (cause.$metadata.httpStatusCode) {
    case 412:
      return 'blob_exists';
    case 416:
      return 'blob_range_invalid';
    case 507:
      return 'blob_store_full';
    default:
      return 'blob_store_unavailable';
  }
}
