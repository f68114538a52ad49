import { createCipheriv, type KeyObject } from 'node:crypto';
import { encapsulate } from './dhkem.js';
import { scheduleKey } from './key-schedule.js';
import { OpeningContext } from './opening-context.js';
import { generateKeyPair, type KeyPair } from './x25519-keys.js';

const TAG_BYTES = 16;

export interface SealedMessage {
  /** The encapsulated key: 32 bytes. */
  readonly enc: Uint8Array;
  /** As long as the plaintext, and a tag of 16 bytes. */
  readonly ciphertext: Uint8Array;
}

/**
 * Encrypts one message so that only the holder of the private half of `publicKey` can open it, and only by
 * stating the same `info` (what kind of thing this is) and `aad` (which one).
 *
 * Fails with `hpke_key_invalid` when `publicKey` isn't 32 bytes or is of low order.
 * Source: RFC 9180, SealBase of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 * It does not say who sealed: anybody who knows the public key can.
 */
export function sealTo(
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): SealedMessage {
  return sealWithEphemeral(generateKeyPair(), publicKey, info, aad, plaintext);
}

/** sealTo with a given ephemeral key, for vectors. A key pair used twice gives away both messages: not exported. */
export function sealWithEphemeral(
  ephemeral: KeyPair,
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): SealedMessage {
  const sharedSecret = encapsulate(publicKey, ephemeral);
  const { key, nonce } = scheduleKey(sharedSecret, info);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  sharedSecret.fill(0);
  return { enc: ephemeral.publicKey, ciphertext };
}

/** The message that sealTo sealed; the caller wipes it. Fails as OpeningContext does. Source: RFC 9180, OpenBase. */
export function open(
  privateKey: KeyObject,
  enc: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Buffer {
  return new OpeningContext(privateKey, enc, info).open(aad, ciphertext, 0);
}
