import { readFile } from 'node:fs/promises';
import { kmsFromUrl, KmsError, LocalKms, type Kms } from '@castellan/kms';
import type { BackupHeader } from '@castellan/vault';
import { UsageError } from '../usage-error.js';
import type { Place } from './place.js';

type KeyStore = BackupHeader['keyStore'];
type KeyStorePlace = Pick<Place, 'kmsFile' | 'kmsUrl' | 'kmsToken' | 'passphrase'>;

/** How whoever restores a backup of this installation opens its key store. @throws KmsError `kms_unavailable` */
export async function describeKeyStore({ kmsUrl, kmsFile }: KeyStorePlace): Promise<KeyStore> {
  if (kmsUrl !== undefined) return { kind: 'remote' };
  const rootKeyFile = await readFile(kmsFile, 'utf8').catch((cause: unknown) => {
    throw new KmsError('kms_unavailable', cause);
  });
  return { kind: 'local', rootKeyFile };
}

/** @throws UsageError when what opens it wasn't given; KmsError */
export async function openKeyStore(keyStore: KeyStore, place: KeyStorePlace): Promise<Kms> {
  const { kmsUrl, kmsToken, passphrase } = place;
  if (keyStore.kind === 'remote') {
    if (kmsUrl === undefined)
      throw new UsageError('The key store of this backup is a service: name it in KMS_URL.');
    return kmsFromUrl(kmsUrl, kmsToken === undefined ? {} : { token: kmsToken });
  }
  if (passphrase === undefined)
    throw new UsageError('Give the passphrase of the key store in KMS_PASSPHRASE.');
  return LocalKms.fromText(keyStore.rootKeyFile, passphrase);
}
