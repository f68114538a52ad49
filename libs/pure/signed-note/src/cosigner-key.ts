import { verify, type KeyObject } from 'node:crypto';
import { ED25519_COSIGNATURE, ed25519KeyId } from './key-id.js';
import { ed25519PublicKey, formatVerifierKey, readVerifierKey } from './verifier-key.js';

const TIME_BYTES = 8;

/**
 * A witness's named Ed25519 public key (C2SP tlog-cosignature, type 0x04). A cosignature says: at this time, this was the
 * largest tree of this log that the witness had seen, and it continued all that it had seen before.
 */
export class CosignerKey {
  readonly keyId: number;
  readonly #publicKey: KeyObject;

  private constructor(
    readonly name: string,
    private readonly publicKey: Uint8Array,
  ) {
    this.keyId = ed25519KeyId(name, publicKey, ED25519_COSIGNATURE);
    this.#publicKey = ed25519PublicKey(publicKey);
  }

  /**
   * Reads `name+8 hex digits+base64(0x04 ‖ key)`.
   * @throws NoteError `key_malformed`, `key_name_invalid`, `key_unsupported`
   */
  static parse(text: string): CosignerKey {
    const { name, publicKey } = readVerifierKey(text, ED25519_COSIGNATURE);
    return new CosignerKey(name, publicKey);
  }

  /** The verifier key string, to be published and pinned. */
  toString(): string {
    return formatVerifierKey(this.name, ED25519_COSIGNATURE, this.publicKey);
  }

  /**
   * When the witness cosigned `text`, a checkpoint with its final newline, by the witness's clock; `undefined` unless the
   * cosignature (64-bit seconds, then Ed25519) is this key's.
   */
  cosignedAt(text: string, cosignature: Uint8Array): Date | undefined {
    if (cosignature.length < TIME_BYTES) return undefined;
    const seconds = Buffer.from(cosignature).readBigUInt64BE(0);
    const signed = `cosignature/v1\ntime ${seconds}\n${text}`;
    const isSigned = verify(null, Buffer.from(signed), this.#publicKey, cosignature.subarray(TIME_BYTES));
    const time = new Date(Number(seconds) * 1_000);
    return isSigned && !Number.isNaN(time.getTime()) ? time : undefined;
  }
}
