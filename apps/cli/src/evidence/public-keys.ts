import type { KeyObject } from 'node:crypto';
import { keyIdOf, p256PublicKeyFromPem } from '@castellan/dsse';
import type { BundleArchive } from './bundle-archive.js';
import { EvidenceError, type Faults } from './fault.js';

const KEY_FILE = /^keys\/([0-9a-f]{64})\.pem$/;

/** The bundle's public keys by the id that each really has. None of them is trusted for being there. */
export async function readPublicKeys(
  archive: BundleArchive,
  faults: Faults,
): Promise<Map<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  for (const path of archive.files.keys()) {
    const [, named] = KEY_FILE.exec(path) ?? [];
    if (named === undefined) continue;
    const key = await faults.guard(path, () => readKey(archive.text(path), named));
    if (key !== undefined) keys.set(named, key);
  }
  return keys;
}

function readKey(pem: string, named: string): KeyObject {
  const key = p256PublicKeyFromPem(pem);
  if (keyIdOf(key) === named) return key;
  throw new EvidenceError('key_id_mismatch', `The key inside has the id ${keyIdOf(key)}.`);
}
