import { KeybrokerClient } from '@castellan/keybroker-client';
import { type KeyEncryptionKeyInUse, KeyEncryptionKeys } from '@castellan/vault';
import { Injectable } from '@nestjs/common';

const maxAgeMs = 60_000;

/** Public key-encryption keys straight from the keybroker, remembered for at most a minute. */
@Injectable()
export class KeybrokerKeyEncryptionKeys extends KeyEncryptionKeys {
  readonly #known = new Map<string, { key: KeyEncryptionKeyInUse; until: number }>();

  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  async current(projectId: string): Promise<KeyEncryptionKeyInUse> {
    const known = this.#known.get(projectId);
    if (known !== undefined && known.until > performance.now()) return known.key;
    const { kekId, version, publicKey } = await this.keybroker.keyEncryptionKey(projectId);
    const key = { kekId, version, publicKey: Buffer.from(publicKey, 'base64') };
    this.#known.set(projectId, { key, until: performance.now() + maxAgeMs });
    return key;
  }
}
