import {
  CHUNK_BYTES,
  chunkOffset,
  COMMITMENT_BYTES,
  HEADER_BYTES,
  plainSize,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
} from './layout.js';
import { unsealingFailed } from './sealed-stream-error.js';

type Bytes = Uint8Array<ArrayBuffer>;
/** `CryptoKey`, spelt so that it is the same type under Node's declarations and under the browser's. */
type WebKey = Parameters<typeof crypto.subtle.exportKey>[1];

const LABEL = new TextEncoder().encode('castellan/sealed-stream/v1\0');
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * Opens a whole object in WebCrypto (SPEC.md). All of it or nothing: fails with `unsealing_failed`, whatever the cause.
 * `dataKey` is the 32 bytes of the key.
 */
export async function webUnseal(dataKey: Bytes, context: Bytes, sealed: Bytes): Promise<Bytes> {
  const plaintext = new Uint8Array(plainSize(sealed.byteLength));
  const { key, nonce, commitment } = await deriveKey(dataKey, sealed.slice(0, SALT_BYTES), context);
  requireCommitment(commitment, sealed.subarray(SALT_BYTES, HEADER_BYTES));
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  // Full chunks, and one that is shorter: it may be empty.
  const last = Math.floor(plaintext.byteLength / CHUNK_BYTES);
  for (let index = 0; index <= last; index++) {
    const offset = chunkOffset(index);
    const chunk = sealed.slice(offset, offset + SEALED_CHUNK_BYTES);
    plaintext.set(await openChunk(aes, nonceOf(nonce, index), chunk), index * CHUNK_BYTES);
  }
  return plaintext;
}

async function deriveKey(dataKey: Bytes, salt: Bytes, context: Bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', context));
  const info = new Uint8Array(LABEL.byteLength + digest.byteLength);
  info.set(LABEL);
  info.set(digest, LABEL.byteLength);
  const material = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits']);
  const length = KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES;
  const terms = { name: 'HKDF', hash: 'SHA-512', salt, info };
  const okm = new Uint8Array(await crypto.subtle.deriveBits(terms, material, 8 * length));
  return {
    key: okm.slice(0, KEY_BYTES),
    nonce: okm.slice(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    commitment: okm.slice(KEY_BYTES + NONCE_BYTES),
  };
}

function requireCommitment(expected: Bytes, given: Uint8Array): void {
  let difference = expected.byteLength ^ given.byteLength;
  for (const [at, byte] of expected.entries()) difference |= byte ^ (given[at] ?? 0);
  if (difference !== 0) throw unsealingFailed('commitment');
}

async function openChunk(aes: WebKey, iv: Bytes, chunk: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, tagLength: 128 }, aes, chunk));
  } catch {
    throw unsealingFailed('chunk');
  }
}

function nonceOf(base: Bytes, index: number): Bytes {
  const nonce = base.slice();
  const view = new DataView(nonce.buffer);
  const at = NONCE_BYTES - 4;
  view.setUint32(at, (view.getUint32(at) ^ index) >>> 0);
  return nonce;
}
