import { CastellanError, type ErrorKind } from '@castellan/errors';

export type BlobStoreErrorCode =
  | 'blob_key_invalid'
  | 'blob_missing'
  | 'blob_exists'
  | 'blob_range_invalid'
  | 'blob_store_full'
  | 'blob_store_unavailable'
  | 'blob_url_invalid';

const DETAILS: Record<BlobStoreErrorCode, { kind: ErrorKind; publicDetail: string }> = {
  blob_key_invalid: { kind: 'invalid', publicDetail: 'That is not a key of the object store.' },
  blob_missing: { kind: 'not_found', publicDetail: 'The object is not in the object store.' },
  blob_exists: { kind: 'conflict', publicDetail: 'The object store has an object under that key.' },
  blob_range_invalid: { kind: 'invalid', publicDetail: 'The range does not lie within the object.' },
  blob_store_full: { kind: 'exhausted', publicDetail: 'The object store has no space left.' },
  blob_store_unavailable: { kind: 'unavailable', publicDetail: 'The object store does not answer.' },
  blob_url_invalid: { kind: 'invalid', publicDetail: 'That is not the address of an object store.' },
};

export class BlobStoreError extends CastellanError {
  declare readonly code: BlobStoreErrorCode;

  constructor(code: BlobStoreErrorCode, cause?: unknown) {
    super({ code, ...DETAILS[code], cause });
  }
}
