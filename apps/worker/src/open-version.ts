import { availableParallelism } from 'node:os';
import type { BlobStore } from '@castellan/blob-store';
import { type ModelFiles, wipe } from '@castellan/engine';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import { quickestDigest, readRelease, unsealFile } from '@castellan/vault';

export interface OpenedVersion {
  readonly versionDigest: string;
  /** The model's number in the manifest. */
  readonly number: number;
  /** Plaintext, in memory of its own. Whoever takes it wipes it. */
  readonly files: ModelFiles;
}

/**
 * Decrypts a released version in memory. A blob that was exchanged, rolled back or damaged is refused.
 * @throws VaultError `release_inconsistent`, `file_differs`; what the object store fails with; the signal's reason. Nothing
 *   is left then of what it had decrypted.
 */
export async function openVersion(
  released: ReleasedKeys,
  store: BlobStore,
  signal: AbortSignal,
  cores = availableParallelism(),
): Promise<OpenedVersion> {
  const { versionDigest, number, files } = readRelease(released);
  const attested = released.release.treesAttested === true;
  const opened = new Map<string, Uint8Array>();
  try {
    for (const { named, place } of files) {
      signal.throwIfAborted();
      // Unless the approvals say that the tree is this file's, only its SHA-256 does.
      const expected = quickestDigest(named, attested ? cores : 1);
      opened.set(named.path, (await unsealFile({ store, ...place, expected })).bytes);
    }
    return { versionDigest, number, files: opened };
  } catch (error) {
    wipe(opened);
    throw error;
  }
}
