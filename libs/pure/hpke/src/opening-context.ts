import { createDecipheriv, type KeyObject } from 'node:crypto';
import { decapsulate } from './dhkem.js';
import { HpkeError } from './hpke-error.js';
import { nonceOf, scheduleKey, type SealingKey } from './key-schedule.js';

const TAG_BYTES = 16;

/**
 * The recipient's side of one encapsulation: opens each of its messages by number, in any order. Whatever differs from
 * the sealing, the failure is `hpke_open_failed`. Source: RFC 9180 section 5.2 (SetupBaseR, ContextR.Open).
 */
export class OpeningContext {
  readonly #opening: SealingKey;

  constructor(privateKey: KeyObject, enc: Uint8Array, info: Uint8Array) {
    this.#opening = alike(() => {
      const sharedSecret = decapsulate(enc, privateKey);
      const key = scheduleKey(sharedSecret, info);
      sharedSecret.fill(0);
      return key;
    });
  }

  /** The plaintext; the caller wipes it. */
  open(aad: Uint8Array, ciphertext: Uint8Array, sequence: number): Buffer {
    return alike(() => this.#open(aad, ciphertext, sequence));
  }

  #open(aad: Uint8Array, ciphertext: Uint8Array, sequence: number): Buffer {
    if (ciphertext.byteLength < TAG_BYTES) throw new RangeError('ciphertext shorter than its tag');
    const tagAt = ciphertext.byteLength - TAG_BYTES;
    const { key, nonce } = this.#opening;
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(nonce, sequence), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad).setAuthTag(ciphertext.subarray(tagAt));
    const plaintext = decipher.update(ciphertext.subarray(0, tagAt));
    try {
      decipher.final();
    } catch (cause) {
      plaintext.fill(0);
      throw cause;
    }
    return plaintext;
  }
}

function alike<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new HpkeError('hpke_open_failed', 'The sealed message could not be opened.', cause);
  }
}
