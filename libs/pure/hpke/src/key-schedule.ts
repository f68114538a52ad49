import { createSecretKey, type KeyObject } from 'node:crypto';
import { LabeledHkdf } from './labeled-hkdf.js';

const BASE_MODE = Buffer.of(0x00);
const EMPTY = Buffer.alloc(0);
/** "HPKE", DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const SUITE_ID = Buffer.concat([Buffer.from('HPKE'), Buffer.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x02)]);
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const hkdf = new LabeledHkdf(SUITE_ID);
const NO_PSK_ID_HASH = hkdf.extract('psk_id_hash', EMPTY);

export interface SealingKey {
  readonly key: KeyObject;
  /** The nonce of sequence number 0: single-shot messages never use another. See `nonceOf`. */
  readonly nonce: Buffer;
}

/** KeySchedule of RFC 9180 section 5.1 in base mode: no pre-shared key, no sender key. */
export function scheduleKey(sharedSecret: Uint8Array, info: Uint8Array): SealingKey {
  const context = Buffer.concat([BASE_MODE, NO_PSK_ID_HASH, hkdf.extract('info_hash', info)]);
  const secret = { salt: sharedSecret, label: 'secret', inputKeyMaterial: EMPTY };
  const raw = hkdf.derive(secret, 'key', context, KEY_BYTES);
  const key = createSecretKey(raw);
  raw.fill(0);
  return { key, nonce: hkdf.derive(secret, 'base_nonce', context, NONCE_BYTES) };
}

/** Highest sequence number of a context: how many messages one key takes. */
export const MAX_SEQUENCE = 0xffff_ffff;

/** The nonce of a message: base nonce XOR its sequence number (RFC 9180 section 5.2, ComputeNonce). */
export function nonceOf(baseNonce: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(baseNonce);
  nonce.writeUInt32BE((nonce.readUInt32BE(NONCE_BYTES - 4) ^ sequence) >>> 0, NONCE_BYTES - 4);
  return nonce;
}
