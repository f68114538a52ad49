import { readAwsKmsAddress } from './aws-kms-address.js';
import { KmsError } from './kms-error.js';
import type { Kms } from './kms.js';
import { readTransitAddress } from './transit-address.js';
import { VaultTransitKms } from './vault-transit-kms.js';

export interface KmsCredentials {
  /** For `vault://`. AWS's client finds its own. */
  readonly token?: string;
}

/**
 * Opens the key store that an address names, and sees that its key is fit: `vault://host:8200/mount/key`,
 * `aws-kms://region/key-id`. Fails with `kms_url_invalid`, `kms_key_unsuitable` or `kms_unavailable`.
 */
export async function kmsFromUrl(url: string, { token }: KmsCredentials = {}): Promise<Kms> {
  if (url.startsWith('vault:')) {
    if (token === undefined) throw new KmsError('kms_url_invalid', new Error('no token'));
    return VaultTransitKms.open(readTransitAddress(url), token);
  }
  const address = readAwsKmsAddress(url);
  // Loaded at need: the client is large, and the other key stores don't want it.
  const { AwsKms } = await import('./aws-kms.js');
  return AwsKms.open(address);
}
