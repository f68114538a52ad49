import { PrivacyError } from '../privacy-error.js';
import type { DatasetRow } from './dataset-store.js';

/** The SHA-256 of the dataset's table. Fails with `dataset_not_sealed` when there is none yet. */
export function requireSealed({ name, sha256 }: DatasetRow): string {
  if (sha256 !== null) return sha256;
  throw new PrivacyError('dataset_not_sealed', {
    kind: 'conflict',
    publicDetail: `"${name}" has no table yet.`,
  });
}
