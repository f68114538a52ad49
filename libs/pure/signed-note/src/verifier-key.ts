import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.js';
import { ED25519, ed25519KeyId, formatKeyId, requireKeyName } from './key-id.js';
import { NoteError } from './note-error.js';

const PUBLIC_KEY_BYTES = 32;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;

/** A named Ed25519 public key: who may sign, as the reader of a note knows it. */
export class VerifierKey {
  readonly keyId: number;
  readonly #publicKey: KeyObject;

  /**
   * @param publicKey 32 bytes, RFC 8032 encoding
   * @throws NoteError `key_name_invalid`, `key_malformed`
   */
  constructor(
    readonly name: string,
    readonly publicKey: Uint8Array,
  ) {
    requireKeyName(name);
    this.keyId = ed25519KeyId(name, publicKey);
    this.#publicKey = ed25519PublicKey(publicKey);
  }

  /** Takes the public half of `key`, which may be private. @throws NoteError `key_unsupported` */
  static fromKeyObject(name: string, key: KeyObject): VerifierKey {
    if (key.asymmetricKeyType !== 'ed25519')
      throw new NoteError('key_unsupported', 'A note is signed with an Ed25519 key.');
    const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
    return new VerifierKey(name, Buffer.from(x ?? '', 'base64url'));
  }

  /**
   * Reads `name+8 hex digits+base64(type ‖ key)`, the form that Go's `note.NewVerifier` reads.
   * @throws NoteError `key_malformed`, `key_name_invalid`, `key_unsupported`
   */
  static parse(text: string): VerifierKey {
    const { name, publicKey } = readVerifierKey(text, ED25519);
    return new VerifierKey(name, publicKey);
  }

  /** The verifier key string, to be published and pinned. */
  toString(): string {
    return formatVerifierKey(this.name, ED25519, this.publicKey);
  }

  /** Whether `signature` (64 bytes) is this key's over `text`. False, never an exception, for any other bytes. */
  verifies(text: string, signature: Uint8Array): boolean {
    return verify(null, Buffer.from(text), this.#publicKey, signature);
  }
}

/** @throws NoteError `key_malformed` */
export function ed25519PublicKey(publicKey: Uint8Array): KeyObject {
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new NoteError('key_malformed', 'An Ed25519 public key has 32 bytes.');
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
    format: 'jwk',
  });
}

/**
 * Takes `name+8 hex digits+base64(type ‖ key)` apart.
 * @throws NoteError `key_malformed`, `key_name_invalid`, and `key_unsupported` for another type than `type`
 */
export function readVerifierKey(text: string, type: number): { name: string; publicKey: Uint8Array } {
  const [, name, id, encoded] = VERIFIER_KEY.exec(text) ?? [];
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  if (name === undefined || id === undefined || bytes === undefined || bytes.length === 0)
    throw new NoteError('key_malformed', 'A verifier key has the form name+hash+base64.');
  if (bytes[0] !== type)
    throw new NoteError(
      'key_unsupported',
      `It is a key of type ${bytes[0]}, and one of type ${type} is wanted.`,
    );
  requireKeyName(name);
  const publicKey = bytes.slice(1);
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new NoteError('key_malformed', 'An Ed25519 public key has 32 bytes.');
  if (formatKeyId(ed25519KeyId(name, publicKey, type)) !== id)
    throw new NoteError('key_malformed', "The verifier key's hash is not that of its name and key.");
  return { name, publicKey };
}

export function formatVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  const id = formatKeyId(ed25519KeyId(name, publicKey, type));
  return `${name}+${id}+${encodeBase64(Uint8Array.of(type, ...publicKey))}`;
}
