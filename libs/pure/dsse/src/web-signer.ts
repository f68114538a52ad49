import { decodeBase64 } from './base64.js';
import { rawFromDer, derFromRaw } from './ecdsa-signature.js';
import { buildEnvelope, payloadBytes, type Envelope } from './envelope.js';
import { preAuthenticationEncoding } from './pae.js';

const P256_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** `CryptoKey`, spelt so that it is the same type under Node's declarations and under the browser's. */
export type WebKey = Parameters<typeof crypto.subtle.exportKey>[1];

/** A signer whose private key may be unextractable. `publicKey` must be extractable (public keys always are). */
export interface WebKeyPair {
  readonly publicKey: WebKey;
  readonly privateKey: WebKey;
}

/** Lowercase hex SHA-256 of the key's DER SubjectPublicKeyInfo, the same as `keyIdOf` computes in Node. */
export async function webKeyId(publicKey: WebKey): Promise<string> {
  const spki = await crypto.subtle.exportKey('spki', publicKey);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Signs a payload with a WebCrypto ECDSA P-256 key; the signature leaves in DER, as everywhere else. */
export async function webSignEnvelope(
  payloadType: string,
  payload: Uint8Array,
  keys: WebKeyPair,
): Promise<Envelope> {
  const signedBytes = preAuthenticationEncoding(payloadType, payload);
  const raw = new Uint8Array(await crypto.subtle.sign(P256_SHA256, keys.privateKey, signedBytes));
  const keyid = await webKeyId(keys.publicKey);
  return buildEnvelope(payloadType, payload, [{ keyid, signature: derFromRaw(raw) }]);
}

/**
 * Whether this key signed this envelope.
 *
 * @throws DsseError `signature_malformed` when a signature that claims this key is not strict DER.
 */
export async function webVerifyEnvelope(envelope: Envelope, publicKey: WebKey): Promise<boolean> {
  const keyid = await webKeyId(publicKey);
  const signedBytes = preAuthenticationEncoding(envelope.payloadType, payloadBytes(envelope));
  for (const signature of envelope.signatures.filter((candidate) => candidate.keyid === keyid)) {
    const raw = rawFromDer(decodeBase64(signature.sig));
    if (await crypto.subtle.verify(P256_SHA256, publicKey, raw, signedBytes)) return true;
  }
  return false;
}
