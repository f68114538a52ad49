import type { BlobStore } from '@castellan/blob-store';
import { wipe } from '@castellan/engine';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import { readRelease, unsealFile } from '@castellan/vault';

/**
 * The files of a released version in memory, each with every digest that the manifest names. Whoever takes them wipes them.
 * @throws VaultError `file_differs` and the like; what the object store fails with. Nothing is left then.
 */
export async function unsealRelease(
  released: ReleasedKeys,
  store: BlobStore,
): Promise<Map<string, Uint8Array>> {
  const opened = new Map<string, Uint8Array>();
  try {
    for (const { named, place } of readRelease(released).files)
      opened.set(named.path, (await unsealFile({ store, ...place, expected: named })).bytes);
    return opened;
  } catch (error) {
    wipe(opened);
    throw error;
  }
}
