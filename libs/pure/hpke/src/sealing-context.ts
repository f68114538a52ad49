import { createCipheriv } from 'node:crypto';
import { encapsulate } from './dhkem.js';
import { HpkeError } from './hpke-error.js';
import { MAX_SEQUENCE, nonceOf, scheduleKey, type SealingKey } from './key-schedule.js';
import { generateKeyPair, type KeyPair } from './x25519-keys.js';
import type { SealedMessage } from './single-shot.js';

export interface NumberedMessage extends SealedMessage {
  /** Of the message in its context, from 0: whoever opens it needs it. */
  readonly sequence: number;
}

/**
 * Seals many messages to one public key at the price of one key agreement: each takes an AES-256-GCM call. The messages
 * say which they are, so that each opens by itself, in any order (`OpeningContext`).
 *
 * Fails with `hpke_key_invalid` as `sealTo` does; with `hpke_context_used_up` after 2^32 messages.
 * Source: RFC 9180 section 5.2 (SetupBaseS, ContextS.Seal), the suite of `sealTo`.
 * Whoever holds the context can open what it sealed: it lives as short as is practical.
 */
export class SealingContext {
  readonly #enc: Uint8Array;
  readonly #sealing: SealingKey;
  #next = 0;

  constructor(publicKey: Uint8Array, info: Uint8Array, ephemeral: KeyPair = generateKeyPair()) {
    const sharedSecret = encapsulate(publicKey, ephemeral);
    this.#enc = ephemeral.publicKey;
    this.#sealing = scheduleKey(sharedSecret, info);
    sharedSecret.fill(0);
  }

  seal(aad: Uint8Array, plaintext: Uint8Array): NumberedMessage {
    const sequence = this.#next;
    if (sequence > MAX_SEQUENCE)
      throw new HpkeError('hpke_context_used_up', 'The context has sealed all the messages that it may.');
    this.#next += 1;
    const { key, nonce } = this.#sealing;
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(nonce, sequence), { authTagLength: 16 });
    cipher.setAAD(aad);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return { enc: this.#enc, sequence, ciphertext };
  }
}
