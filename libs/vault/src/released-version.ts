import { readManifest, type ManifestFile } from '@castellan/approval-policy';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import type { FileToUnseal, SegmentToUnseal } from './unseal-file.js';
import { VaultError } from './vault-error.js';

/** A file of a released version: what it must be, and where it lies. */
export interface ReleasedFile {
  readonly named: ManifestFile;
  readonly place: Pick<FileToUnseal, 'path' | 'blobKey' | 'dataKeyId' | 'key' | 'further'>;
}

export interface ReleasedVersion {
  readonly versionDigest: string;
  /** The model's number in the manifest. */
  readonly number: number;
  readonly files: readonly ReleasedFile[];
}

/**
 * Reads a release of a version. Where things lie is the release's word; what they must be is the manifest's, which has the digest
 * that the version is known by.
 * @throws VaultError `release_inconsistent`; TrustError where the manifest is none
 */
export function readRelease({ release, keys }: ReleasedKeys): ReleasedVersion {
  const { manifest, versionDigest } = release;
  if (manifest === undefined || versionDigest === undefined) throw inconsistent('It names no manifest.');
  const { files, number } = readManifest(manifest, versionDigest);
  const placed = files.map((named) => {
    const { path } = named;
    const place = release.files.find((file) => file.path === path);
    const [first, ...further] = place === undefined ? [] : withKeys([place, ...place.further], keys);
    if (first === undefined) throw inconsistent(`It has no place for ${JSON.stringify(path)}.`);
    return { named, place: { path, ...first, further } };
  });
  return { versionDigest, number, files: placed };
}

type Placed = Pick<SegmentToUnseal, 'blobKey' | 'dataKeyId'>;

function withKeys(segments: readonly Placed[], keys: ReleasedKeys['keys']): SegmentToUnseal[] {
  return segments.map(({ blobKey, dataKeyId }) => {
    const key = keys.get(dataKeyId);
    if (key === undefined) throw inconsistent(`It has no key ${dataKeyId}.`);
    return { blobKey, dataKeyId, key };
  });
}

function inconsistent(reason: string): VaultError {
  return new VaultError('release_inconsistent', {
    kind: 'internal',
    publicDetail: `The release is not of the version that was approved. ${reason}`,
  });
}
