import { KeybrokerClient } from '@castellan/keybroker-client';
import { type KeyEncryptionKeyInUse, KeyEncryptionKeys } from './key-encryption-keys.js';
import { Injectable } from '@nestjs/common';

/** Public key-encryption keys straight from the keybroker. */
@Injectable()
export class KeybrokerKeyEncryptionKeys extends KeyEncryptionKeys {
  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  async current(projectId: string): Promise<KeyEncryptionKeyInUse> {
    const { kekId, version, publicKey } = await this.keybroker.keyEncryptionKey(projectId);
    return { kekId, version, publicKey: Buffer.from(publicKey, 'base64') };
  }
}
