import type { KeyObject } from 'node:crypto';
import { importPrivateKey } from '@castellan/hpke';
import type { KeybrokerClient } from '@castellan/keybroker-client';
import { PersonKeyAuthority, type StoredPersonKey } from './person-key-authority.js';

/** The port over the keybroker's own answers. */
export class KeybrokerPersonKeys extends PersonKeyAuthority {
  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  override async make(personId: string): Promise<StoredPersonKey> {
    const { publicKey, sealedPrivate } = await this.keybroker.makePersonKey(personId);
    return { personId, publicKey: bytes(publicKey), sealedPrivate: bytes(sealedPrivate) };
  }

  override async open(keys: readonly StoredPersonKey[]): Promise<ReadonlyMap<string, KeyObject>> {
    const sealed = keys.map(({ personId, publicKey, sealedPrivate }) => ({
      personId,
      publicKey: Buffer.from(publicKey).toString('base64'),
      sealedPrivate: Buffer.from(sealedPrivate).toString('base64'),
    }));
    const opened = await this.keybroker.openPersonKeys(sealed);
    return new Map(
      opened.map(({ personId, privateKey }) => {
        const raw = Buffer.from(privateKey, 'base64');
        const key = importPrivateKey(raw);
        raw.fill(0);
        return [personId, key];
      }),
    );
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
