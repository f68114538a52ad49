import { HpkeError } from './hpke-error.js';

/* The recipient's side in WebCrypto: RFC 9180, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode. */

type Bytes = Uint8Array<ArrayBuffer>;
/** `CryptoKey`, spelt so that it is the same type under Node's declarations and under the browser's. */
type WebKey = Parameters<typeof crypto.subtle.exportKey>[1];

export interface WebRecipient {
  /** 32 bytes, to be sent to whoever seals. */
  readonly publicKey: Bytes;
  readonly privateKey: WebKey;
}

const VERSION_LABEL = utf8('HPKE-v1');
const KEM_SUITE = join(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const SUITE = join(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x02));
const EMPTY = new Uint8Array(0);

/** A fresh key pair whose private half can't be taken out of WebCrypto. */
export async function webRecipient(): Promise<WebRecipient> {
  const { publicKey, privateKey } = await x25519KeyPair();
  const raw = await crypto.subtle.exportKey('raw', publicKey);
  return { publicKey: new Uint8Array(raw), privateKey };
}

/** Some declarations say one key where there are always two. */
async function x25519KeyPair(): Promise<{ publicKey: WebKey; privateKey: WebKey }> {
  const made: object = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  return made as { publicKey: WebKey; privateKey: WebKey };
}

/** What `open` does in Node. Whatever differs from the sealing, the failure is `hpke_open_failed`. */
export async function webOpen(
  recipient: WebRecipient,
  enc: Bytes,
  info: Bytes,
  aad: Bytes,
  ciphertext: Bytes,
): Promise<Bytes> {
  try {
    const { key, nonce } = await scheduleKey(await sharedSecret(recipient, enc), info);
    const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const terms = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: 128 };
    return new Uint8Array(await crypto.subtle.decrypt(terms, aes, ciphertext));
  } catch (cause) {
    throw new HpkeError('hpke_open_failed', 'The sealed message could not be opened.', cause);
  }
}

async function sharedSecret({ privateKey, publicKey }: WebRecipient, enc: Bytes): Promise<Bytes> {
  const sender = await crypto.subtle.importKey('raw', enc, { name: 'X25519' }, false, []);
  // WebCrypto refuses the all-zero result that low-order points give.
  const point = await crypto.subtle.deriveBits({ name: 'X25519', public: sender }, privateKey, 256);
  const secret = await extract(KEM_SUITE, EMPTY, 'eae_prk', new Uint8Array(point));
  return expand(KEM_SUITE, secret, 'shared_secret', join(enc, publicKey), 32);
}

async function scheduleKey(shared: Bytes, info: Bytes): Promise<{ key: Bytes; nonce: Bytes }> {
  const context = join(
    Uint8Array.of(0x00),
    await extract(SUITE, EMPTY, 'psk_id_hash', EMPTY),
    await extract(SUITE, EMPTY, 'info_hash', info),
  );
  const secret = await extract(SUITE, shared, 'secret', EMPTY);
  return {
    key: await expand(SUITE, secret, 'key', context, 32),
    nonce: await expand(SUITE, secret, 'base_nonce', context, 12),
  };
}

function extract(suite: Bytes, salt: Bytes, label: string, material: Bytes): Promise<Bytes> {
  return hmac(salt, join(VERSION_LABEL, suite, utf8(label), material));
}

/** At most one block of SHA-256, which is all that this suite asks for. */
async function expand(
  suite: Bytes,
  secret: Bytes,
  label: string,
  info: Bytes,
  length: number,
): Promise<Bytes> {
  const labelled = join(Uint8Array.of(0, length), VERSION_LABEL, suite, utf8(label), info, Uint8Array.of(1));
  return (await hmac(secret, labelled)).slice(0, length);
}

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  // HMAC pads its key with zeros, so the empty key that WebCrypto refuses is one of zeros.
  const raw = key.byteLength === 0 ? new Uint8Array(32) : key;
  const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function join(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
