import { type Checkpoint, fromBase64 } from './checkpoint.js';

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;

/** `not_checked`: this browser's WebCrypto knows no Ed25519. */
export type SignatureCheck = 'valid' | 'invalid' | 'not_checked';

/**
 * Whether the log's key (`name+hash+base64`, C2SP signed-note) has signed the checkpoint. The name and the key's hash must
 * be those in the note, so that no other key is taken for the log's.
 */
export async function checkSignature(
  { text, signatures }: Checkpoint,
  vkey: string,
): Promise<SignatureCheck> {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const typed = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || id === undefined || typed?.length !== 33 || typed[0] !== ED25519)
    return 'invalid';
  const keyId = await keyIdOf(name, typed);
  if (toHex(keyId) !== id) return 'invalid';
  const signature = signatures.find(
    (each) => each.name === name && toHex(each.bytes.slice(0, KEY_ID_BYTES)) === id,
  );
  if (signature === undefined) return 'invalid';
  const key = await crypto.subtle
    .importKey('raw', typed.slice(1), { name: 'Ed25519' }, false, ['verify'])
    .catch(() => undefined);
  if (key === undefined) return 'not_checked';
  const good = await crypto.subtle.verify(
    'Ed25519',
    key,
    signature.bytes.slice(KEY_ID_BYTES),
    new TextEncoder().encode(text),
  );
  return good ? 'valid' : 'invalid';
}

/** The first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key). */
async function keyIdOf(name: string, typed: Uint8Array): Promise<Uint8Array> {
  const bytes = Uint8Array.of(...new TextEncoder().encode(`${name}\n`), ...typed);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).slice(0, KEY_ID_BYTES);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
