import { PrivacyError } from '../privacy-error.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { DatasetRow } from './dataset-store.js';

/**
 * What names the data that an answer is about: the SHA-256 of a table that is sealed here; of one that stays elsewhere the
 * version that its steward has given it. Never anything computed from rows that nobody has paid for.
 * @throws dataset_not_sealed
 */
export function dataIdentity(dataset: DatasetRow, { source }: ProtectedTable): string {
  const sha256 = requireSealed(dataset);
  return source === undefined ? sha256 : `version ${dataset.dataVersion}`;
}

/** The SHA-256 of the dataset's table. Fails with `dataset_not_sealed` when there is none yet. */
export function requireSealed({ name, sha256 }: DatasetRow): string {
  if (sha256 !== null) return sha256;
  throw new PrivacyError('dataset_not_sealed', {
    kind: 'conflict',
    publicDetail: `"${name}" has no table yet.`,
  });
}
