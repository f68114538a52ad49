import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { HpkeError } from './hpke-error.js';

/** Length of public and private X25519 keys, and of `enc`. */
export const KEY_BYTES = 32;

export interface KeyPair {
  /** 32 bytes, RFC 7748 encoding. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A fresh X25519 key pair. */
export function generateKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('x25519');
  return { publicKey: publicKeyOf(privateKey), privateKey };
}

/** The 32 raw bytes of the public half. Fails with `hpke_key_invalid` unless the key is X25519. */
export function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const { x } = exportJwk(privateKey);
  if (x === undefined) throw notX25519();
  return Buffer.from(x, 'base64url');
}

/** The 32 secret bytes; the caller wipes them. Fails with `hpke_key_invalid` unless it is an X25519 private key. */
export function exportPrivateKey(privateKey: KeyObject): Buffer {
  const { d } = exportJwk(privateKey);
  if (d === undefined) throw notX25519();
  return Buffer.from(d, 'base64url');
}

/** The reverse of exportPrivateKey. Fails with `hpke_key_invalid` on any other length than 32. */
export function importPrivateKey(raw: Uint8Array): KeyObject {
  requireKeyLength(raw);
  // PKCS #8 (RFC 8410 section 7) around the raw key: JWK import would ask for the public half as well.
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/** Fails with `hpke_key_invalid` on any other length than 32. */
export function importPublicKey(raw: Uint8Array): KeyObject {
  requireKeyLength(raw);
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

function requireKeyLength(raw: Uint8Array): void {
  if (raw.byteLength !== KEY_BYTES) {
    throw new HpkeError('hpke_key_invalid', `An X25519 key has ${KEY_BYTES} bytes, not ${raw.byteLength}.`);
  }
}

function exportJwk(key: KeyObject) {
  if (key.asymmetricKeyType !== 'x25519') throw notX25519();
  return key.export({ format: 'jwk' });
}

function notX25519(): HpkeError {
  return new HpkeError('hpke_key_invalid', 'The key is not an X25519 private key.');
}
