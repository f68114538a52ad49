import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import type { Tx } from '@castellan/database';
import { dataKeyContext, wrapDataKey, type DataKeySubject } from './data-key-wrapping.js';
import type { KeyEncryptionKeys } from './key-encryption-keys.js';

const DATA_KEY_BYTES = 32;

export interface DataKeyInHand {
  readonly dataKeyId: string;
  /** In this process's memory only. Once let go it can be had again from the keybroker alone. */
  readonly key: KeyObject;
  /**
   * Stores the key, wrapped, in the transaction of what was sealed under it: a key that seals nothing leaves no row. Again
   * does nothing, so each of several files under one key may ask for it. Should the key-encryption key have been retired
   * since, the data key goes under the current one.
   */
  record(tx: Tx): Promise<void>;
}

/** Makes data keys. This process can encrypt under them while it holds them; nothing here can unwrap one. */
export class DataKeys {
  constructor(private readonly keyEncryptionKeys: KeyEncryptionKeys) {}

  /** A fresh data key for `subject`, wrapped to its project's current key-encryption key, and not stored yet. */
  async generate(subject: DataKeySubject): Promise<DataKeyInHand> {
    const raw = randomBytes(DATA_KEY_BYTES);
    const key = createSecretKey(raw);
    raw.fill(0);
    const dataKeyId = randomUUID();
    let current = await this.#wrap(subject, key);
    return {
      dataKeyId,
      key,
      record: async (tx) => {
        if (await isRetired(tx, current.kekId)) current = await this.#wrap(subject, key);
        const row = { id: dataKeyId, context: dataKeyContext(subject), ...current };
        await tx.dataKey.createMany({ data: [row], skipDuplicates: true });
      },
    };
  }

  async #wrap(subject: DataKeySubject, key: KeyObject) {
    const { kekId, publicKey } = await this.keyEncryptionKeys.current(subject.project);
    const raw = key.export();
    const wrapped = wrapDataKey(publicKey, subject, raw);
    raw.fill(0);
    return { kekId, wrapped };
  }

  /** Deletes stored keys, with what they sealed: from the commit of `tx` on nobody can open that any more. */
  async destroy(tx: Pick<Tx, 'dataKey'>, dataKeyIds: readonly string[]): Promise<void> {
    await tx.dataKey.deleteMany({ where: { id: { in: [...dataKeyIds] } } });
  }
}

/** The row stays as it is until `tx` ends: who retires a key waits for those who are about to rest one on it. */
async function isRetired(tx: Tx, kekId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ retiredAt: Date | null }[]>`
    SELECT "retiredAt" FROM "KeyEncryptionKey" WHERE id = ${kekId} FOR KEY SHARE`;
  return row !== undefined && row.retiredAt !== null;
}
