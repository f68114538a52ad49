import { createHash } from 'node:crypto';
import { NoteError } from './note-error.js';

/** The signature type byte of Ed25519 note signatures, the only type this lib signs. */
export const ED25519 = 0x01;

/** That of a witness's timestamped Ed25519 cosignatures (C2SP tlog-cosignature), which this lib verifies. */
export const ED25519_COSIGNATURE = 0x04;

/** `\p{White_Space}` is the set that Go's `unicode.IsSpace` uses; `\s` differs from it at U+0085 and U+FEFF. */
const FORBIDDEN_IN_NAME = /[\p{White_Space}\p{Cc}+]/u;

/** Key names are non-empty and hold no Unicode space, control character or plus sign. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !FORBIDDEN_IN_NAME.test(name);
}

/** @throws NoteError `key_name_invalid` */
export function requireKeyName(name: string): void {
  if (!isKeyName(name))
    throw new NoteError('key_name_invalid', 'A key name must be non-empty, without spaces or plus signs.');
}

/**
 * The 32-bit key id: SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4], big-endian (C2SP signed-note, "Signatures").
 * It tells keys apart; it is far too short to authenticate one.
 */
export function ed25519KeyId(name: string, publicKey: Uint8Array, type = ED25519): number {
  const digest = createHash('sha256')
    .update(name)
    .update(Uint8Array.of(0x0a, type))
    .update(publicKey)
    .digest();
  return digest.readUInt32BE(0);
}

/** Eight lowercase hex digits, as verifier and signer keys spell a key id. */
export function formatKeyId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}
