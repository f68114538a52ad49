import { join } from 'node:path';
import { ConfigError } from '@castellan/config';
import { kmsFromUrl, LocalKms, type Kms, type KmsConfig } from '@castellan/kms';
import type { KeybrokerConfig } from './keybroker.config.js';

/**
 * The key store that the settings name: the one at `KMS_URL`, or else the local one, beside the broker's folder.
 *
 * @throws ConfigError for the local one without a passphrase; KmsError for whatever keeps it shut
 */
export async function openKms(
  { folder, kmsFile, kmsPassphrase }: Pick<KeybrokerConfig, 'folder' | 'kmsFile' | 'kmsPassphrase'>,
  { url, token }: Partial<KmsConfig> = {},
): Promise<Kms> {
  if (url !== undefined) return kmsFromUrl(url, token === undefined ? {} : { token });
  if (kmsPassphrase === undefined) {
    throw new ConfigError([{ name: 'KMS_PASSPHRASE', fault: 'is required for the local key store' }]);
  }
  return LocalKms.open({ file: kmsFile ?? join(folder, 'kms.json'), passphrase: kmsPassphrase });
}
