import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.js';
import { DsseError } from './dsse-error.js';
import { buildEnvelope, payloadBytes, type Envelope } from './envelope.js';
import { preAuthenticationEncoding } from './pae.js';

/** Lowercase hex SHA-256 of a DER SubjectPublicKeyInfo: the one name a key has in Castellan. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/**
 * Reads a PEM SubjectPublicKeyInfo that must be ECDSA P-256.
 *
 * @throws DsseError `key_unsupported` for anything else, a private key included.
 */
export function p256PublicKeyFromPem(pem: string): KeyObject {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) throw unsupportedKey();
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw unsupportedKey(cause);
  }
  assertP256(key);
  return key;
}

/**
 * Signs a payload with one ECDSA P-256 private key.
 *
 * @throws DsseError `key_unsupported`
 */
export function signEnvelope(payloadType: string, payload: Uint8Array, privateKey: KeyObject): Envelope {
  assertP256(privateKey);
  const signature = sign('sha256', preAuthenticationEncoding(payloadType, payload), {
    key: privateKey,
    dsaEncoding: 'der',
  });
  return buildEnvelope(payloadType, payload, [{ keyid: keyIdOf(privateKey), signature }]);
}

/** Adds one more signer's signature over the same type and payload. */
export function coSignEnvelope(envelope: Envelope, privateKey: KeyObject): Envelope {
  const own = signEnvelope(envelope.payloadType, payloadBytes(envelope), privateKey);
  return { ...envelope, signatures: [...envelope.signatures, ...own.signatures] };
}

/**
 * The ids of those of the given keys that did sign this envelope, each at most once.
 *
 * A signature's `keyid` only picks the key to try; the id that is returned is computed from the key that verified. A
 * signature by an unknown key, or one that does not verify, adds nothing. An empty set means: signed by nobody we know.
 */
export function verifiedKeyIds(envelope: Envelope, trustedKeys: Iterable<KeyObject>): ReadonlySet<string> {
  const keysById = new Map<string, KeyObject>();
  for (const key of trustedKeys) {
    assertP256(key);
    keysById.set(keyIdOf(key), key);
  }
  const signedBytes = preAuthenticationEncoding(envelope.payloadType, payloadBytes(envelope));
  const verified = new Set<string>();
  for (const { keyid, sig } of envelope.signatures) {
    const key = keysById.get(keyid);
    if (key === undefined || verified.has(keyid)) continue;
    if (verify('sha256', signedBytes, { key, dsaEncoding: 'der' }, decodeBase64(sig))) verified.add(keyid);
  }
  return verified;
}

function assertP256(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw unsupportedKey();
}

function unsupportedKey(cause?: unknown): DsseError {
  return new DsseError('key_unsupported', 'The key is not an ECDSA P-256 public key in PEM.', cause);
}
