import { type KeyEncryptionKeyInUse, KeyEncryptionKeys } from '@castellan/vault';

/** Jobs clear away what is sealed; they seal nothing new. */
export class NoNewKeys extends KeyEncryptionKeys {
  override current(): Promise<KeyEncryptionKeyInUse> {
    return Promise.reject(new Error('jobs make no data keys'));
  }
}
