import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import type { Tx } from '@castellan/database';
import { dataKeyContext, wrapDataKey, type DataKeySubject } from './data-key-wrapping.js';
import type { KeyEncryptionKeys } from './key-encryption-keys.js';

const DATA_KEY_BYTES = 32;

export interface DataKeyInHand {
  readonly dataKeyId: string;
  /** In this process's memory only. Once let go it can be had again from the keybroker alone. */
  readonly key: KeyObject;
}

/** Makes data keys. This process can encrypt under them while it holds them; nothing here can unwrap one. */
export class DataKeys {
  constructor(private readonly keyEncryptionKeys: KeyEncryptionKeys) {}

  /**
   * A fresh data key for `subject`, stored wrapped to its project's current key-encryption key. `tx` is the transaction of
   * the change that needs the key; `database.client` makes the row a change of its own.
   */
  async generate(tx: Pick<Tx, 'dataKey'>, subject: DataKeySubject): Promise<DataKeyInHand> {
    const kek = await this.keyEncryptionKeys.current(subject.project);
    const raw = randomBytes(DATA_KEY_BYTES);
    const wrapped = wrapDataKey(kek.publicKey, subject, raw);
    const key = createSecretKey(raw);
    raw.fill(0);
    const dataKeyId = randomUUID();
    const context = dataKeyContext(subject);
    await tx.dataKey.create({ data: { id: dataKeyId, kekId: kek.kekId, context, wrapped } });
    return { dataKeyId, key };
  }
}
