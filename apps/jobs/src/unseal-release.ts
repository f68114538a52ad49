import type { BlobStore } from '@castellan/blob-store';
import { wipe } from '@castellan/engine';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import { unsealFile } from '@castellan/vault';

/**
 * The files of a release in memory, each with the digest that the release says. Whoever takes them wipes them.
 * @throws VaultError `file_differs` and the like; what the object store fails with. Nothing is left then.
 */
export async function unsealRelease(
  { release, keys }: ReleasedKeys,
  store: BlobStore,
): Promise<Map<string, Uint8Array>> {
  const opened = new Map<string, Uint8Array>();
  const withKey = ({ blobKey, dataKeyId }: { blobKey: string; dataKeyId: string }) => {
    const key = keys.get(dataKeyId);
    if (key === undefined) throw new Error(`the release names no key ${dataKeyId}`);
    return { blobKey, dataKeyId, key };
  };
  try {
    for (const { path, sizeBytes, sha256, further, ...first } of release.files) {
      const segments = { ...withKey(first), further: further.map(withKey) };
      const { bytes } = await unsealFile({ store, ...segments, path, expected: { sizeBytes, sha256 } });
      opened.set(path, bytes);
    }
    return opened;
  } catch (error) {
    wipe(opened);
    throw error;
  }
}
