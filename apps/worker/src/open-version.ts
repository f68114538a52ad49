import { createHash } from 'node:crypto';
import { readManifest } from '@castellan/approval-policy';
import type { BlobStore } from '@castellan/blob-store';
import { type ModelFiles, wipe } from '@castellan/engine';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import { type SegmentToUnseal, unsealFile } from '@castellan/vault';
import { WorkerError } from './worker-error.js';

export interface OpenedVersion {
  readonly versionDigest: string;
  /** The model's number in the manifest. */
  readonly number: number;
  /** Plaintext, in memory of its own. Whoever takes it wipes it. */
  readonly files: ModelFiles;
}

/**
 * Decrypts a released version in memory. Where things lie is the release's word; what they must be is the manifest's, and
 * the manifest must have the digest that was approved. A blob that was exchanged, rolled back or damaged is refused.
 * @throws WorkerError `release_inconsistent`; VaultError `file_differs`; what the object store fails with; the signal's
 *   reason. Nothing is left then of what it had decrypted.
 */
export async function openVersion(
  { release, keys }: ReleasedKeys,
  store: BlobStore,
  signal: AbortSignal,
): Promise<OpenedVersion> {
  const { manifest, versionDigest } = release;
  if (manifest === undefined || versionDigest === undefined) throw inconsistent('It names no manifest.');
  if (createHash('sha256').update(manifest, 'utf8').digest('hex') !== versionDigest)
    throw inconsistent('The manifest does not have the digest of the version.');
  const { files, number } = readManifest(manifest, versionDigest);
  const opened = new Map<string, Uint8Array>();
  try {
    for (const { path, sizeBytes, sha256 } of files) {
      signal.throwIfAborted();
      const place = release.files.find((file) => file.path === path);
      const [first, ...further] = place === undefined ? [] : withKeys([place, ...place.further], keys);
      if (first === undefined) throw inconsistent(`It has no place for ${JSON.stringify(path)}.`);
      const expected = { sizeBytes, sha256 };
      opened.set(path, (await unsealFile({ store, ...first, further, path, expected })).bytes);
    }
    return { versionDigest, number, files: opened };
  } catch (error) {
    wipe(opened);
    throw error;
  }
}

type Placed = Pick<SegmentToUnseal, 'blobKey' | 'dataKeyId'>;

function withKeys(segments: readonly Placed[], keys: ReleasedKeys['keys']): SegmentToUnseal[] {
  return segments.map(({ blobKey, dataKeyId }) => {
    const key = keys.get(dataKeyId);
    if (key === undefined) throw inconsistent(`It has no key ${dataKeyId}.`);
    return { blobKey, dataKeyId, key };
  });
}

function inconsistent(reason: string): WorkerError {
  return new WorkerError('release_inconsistent', {
    kind: 'internal',
    publicDetail: `The release is not of the version that was approved. ${reason}`,
  });
}
