import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { COMMITMENT_BYTES, MAX_CHUNKS, TAG_BYTES } from './layout.js';
import { SealedStreamError, unsealingFailed } from './sealed-stream-error.js';

const LABEL = Buffer.from('castellan/sealed-stream/v1\0');
const ALGORITHM = 'aes-256-gcm';
const DATA_KEY_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** What seals and opens the chunks of one object: SPEC.md, sections "Keys" and "Chunks". */
export class StreamKey {
  private constructor(
    /** One KeyObject an object: making one from raw bytes for each chunk costs four times as much as the set-up. */
    private readonly key: KeyObject,
    private readonly baseNonce: Buffer,
    readonly commitment: Buffer,
  ) {}

  /** Fails with `data_key_invalid` unless `dataKey` is a secret of 32 bytes. */
  static derive(dataKey: KeyObject, salt: Uint8Array, context: Uint8Array): StreamKey {
    if (dataKey.type !== 'secret' || dataKey.symmetricKeySize !== DATA_KEY_BYTES) {
      throw new SealedStreamError('data_key_invalid');
    }
    // The context enters as a digest because HKDF implementations limit `info` (Node: 1,024 bytes).
    const info = Buffer.concat([LABEL, createHash('sha512').update(context).digest()]);
    const length = KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES;
    const okm = Buffer.from(hkdfSync('sha512', dataKey, salt, info, length));
    const key = createSecretKey(okm.subarray(0, KEY_BYTES));
    okm.fill(0, 0, KEY_BYTES);
    return new StreamKey(
      key,
      okm.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
      okm.subarray(KEY_BYTES + NONCE_BYTES),
    );
  }

  /** Constant time. Must hold before any chunk is opened: AES-GCM alone lets one ciphertext open under two keys. */
  requireCommitment(given: Uint8Array): void {
    if (!timingSafeEqual(given, this.commitment)) throw unsealingFailed('commitment');
  }

  /** Ciphertext and tag, as they follow one another in the object. */
  sealChunk(index: number, plaintext: Uint8Array): readonly [ciphertext: Buffer, tag: Buffer] {
    if (index >= MAX_CHUNKS) throw new SealedStreamError('object_too_large');
    const cipher = createCipheriv(ALGORITHM, this.key, this.nonce(index), { authTagLength: TAG_BYTES });
    const ciphertext = cipher.update(plaintext);
    // GCM keeps nothing back for the end.
    cipher.final();
    return [ciphertext, cipher.getAuthTag()];
  }

  openChunk(index: number, sealed: Uint8Array): Buffer {
    const plainBytes = sealed.byteLength - TAG_BYTES;
    if (plainBytes < 0 || index >= MAX_CHUNKS) throw unsealingFailed('truncated');
    // Without authTagLength, Node takes tags of 4 bytes.
    const decipher = createDecipheriv(ALGORITHM, this.key, this.nonce(index), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(plainBytes));
    const plaintext = decipher.update(sealed.subarray(0, plainBytes));
    try {
      decipher.final();
    } catch {
      plaintext.fill(0);
      throw unsealingFailed('chunk');
    }
    return plaintext;
  }

  private nonce(index: number): Buffer {
    const nonce = Buffer.from(this.baseNonce);
    const at = NONCE_BYTES - 4;
    nonce.writeUInt32BE((nonce.readUInt32BE(at) ^ index) >>> 0, at);
    return nonce;
  }
}
