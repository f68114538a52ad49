import type { Upload } from '@castellan/contracts';
import type { StorageTerms } from '../storage/storage-terms.js';
import type { UploadRow } from './upload-store.js';

/** An upload as the contract shows it. */
export function showUpload(row: UploadRow, terms: StorageTerms): Upload {
  return {
    id: row.id,
    path: row.path,
    lengthBytes: Number(row.lengthBytes),
    offsetBytes: Number(row.offsetBytes),
    createdAt: row.createdAt.toISOString(),
    expiresAt: terms.uploadExpiry(row.touchedAt).toISOString(),
  };
}
