import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.js';
import { ED25519, formatKeyId } from './key-id.js';
import { NoteError } from './note-error.js';
import { VerifierKey } from './verifier-key.js';

const SEED_BYTES = 32;
const SIGNER_KEY = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;

/** A named Ed25519 private key that signs notes. */
export class NoteSigner {
  readonly verifierKey: VerifierKey;
  readonly #privateKey: KeyObject;

  /** @throws NoteError `key_name_invalid`, `key_unsupported` */
  constructor(name: string, privateKey: KeyObject) {
    if (privateKey.type !== 'private') throw new NoteError('key_unsupported', 'Signing needs a private key.');
    this.verifierKey = VerifierKey.fromKeyObject(name, privateKey);
    this.#privateKey = privateKey;
  }

  /**
   * Reads `PRIVATE+KEY+name+8 hex digits+base64(type ‖ seed)`, the form of Go's `note.GenerateKey`.
   * @throws NoteError `key_malformed`, `key_name_invalid`, `key_unsupported`
   */
  static parse(text: string): NoteSigner {
    const [, name, id, encoded] = SIGNER_KEY.exec(text) ?? [];
    const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
    if (name === undefined || id === undefined || bytes === undefined || bytes.length === 0)
      throw new NoteError('key_malformed', 'A signer key has the form PRIVATE+KEY+name+hash+base64.');
    if (bytes[0] !== ED25519)
      throw new NoteError('key_unsupported', 'Only Ed25519 signer keys are supported.');
    const signer = new NoteSigner(name, privateKeyOfSeed(bytes.slice(1)));
    if (formatKeyId(signer.verifierKey.keyId) !== id)
      throw new NoteError('key_malformed', "The signer key's hash is not that of its name and key.");
    return signer;
  }

  get name(): string {
    return this.verifierKey.name;
  }

  /** The signer key string. It is the secret itself: seal it before it is written anywhere. */
  exportSecret(): string {
    const { d } = this.#privateKey.export({ format: 'jwk' });
    const seed = Buffer.from(d ?? '', 'base64url');
    const encoded = encodeBase64(Uint8Array.of(ED25519, ...seed));
    return `PRIVATE+KEY+${this.name}+${formatKeyId(this.verifierKey.keyId)}+${encoded}`;
  }

  /** 64 bytes over the UTF-8 of `text`. Ed25519 is deterministic: the same text gives the same signature. */
  sign(text: string): Uint8Array {
    return new Uint8Array(sign(null, Buffer.from(text), this.#privateKey));
  }
}

/** RFC 8410 §7: the PKCS#8 wrapping of a 32-byte Ed25519 seed is a fixed prefix. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyOfSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new NoteError('key_malformed', 'An Ed25519 seed has 32 bytes.');
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}
