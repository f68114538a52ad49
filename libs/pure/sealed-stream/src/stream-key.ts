import {
  createHash,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { openChunkInPlace, sealChunkInPlace, type ChunkKey } from './chunk-cipher.mjs';
import { COMMITMENT_BYTES, HEADER_BYTES, MAX_CHUNKS, SALT_BYTES, TAG_BYTES } from './layout.js';
import { SealedStreamError, unsealingFailed } from './sealed-stream-error.js';

const LABEL = Buffer.from('castellan/sealed-stream/v1\0');
const DATA_KEY_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * What seals and opens the chunks of one object: SPEC.md, sections "Keys" and "Chunks". For whoever divides a stream between
 * threads; `seal`, `open` and `SealedReader` do all of it.
 */
export class StreamKey {
  private constructor(
    /** One KeyObject an object: making one from raw bytes for each chunk costs four times as much as the set-up. */
    readonly chunkKey: ChunkKey,
    /** The first bytes of the object. */
    readonly header: Uint8Array,
  ) {}

  /**
   * The key of a new object. Seal each chunk number once: AES-GCM breaks where a nonce comes twice.
   * Fails with `data_key_invalid` unless `dataKey` is a secret of 32 bytes.
   */
  static create(dataKey: KeyObject, context: Uint8Array): StreamKey {
    return StreamKey.derive(dataKey, randomBytes(SALT_BYTES), context);
  }

  /**
   * The key that an object's header commits to. Compared in constant time, and before any chunk is opened: AES-GCM alone lets
   * one ciphertext open under two keys. Fails with `unsealing_failed`, `data_key_invalid`.
   */
  static from(header: Uint8Array, dataKey: KeyObject, context: Uint8Array): StreamKey {
    if (header.byteLength !== HEADER_BYTES) throw unsealingFailed('truncated');
    const streamKey = StreamKey.derive(dataKey, header.subarray(0, SALT_BYTES), context);
    if (!timingSafeEqual(header, streamKey.header)) throw unsealingFailed('commitment');
    return streamKey;
  }

  /** create with a given salt, for vectors. A salt used twice under one data key breaks AES-GCM. */
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
    const baseNonce = new Uint8Array(okm.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES));
    return new StreamKey({ key, baseNonce }, Buffer.concat([salt, okm.subarray(KEY_BYTES + NONCE_BYTES)]));
  }

  /** The sealed chunk, in memory of its own. Fails with `object_too_large`. */
  sealChunk(index: number, plaintext: Uint8Array): Buffer {
    if (index >= MAX_CHUNKS) throw new SealedStreamError('object_too_large');
    const sealed = Buffer.allocUnsafe(plaintext.byteLength + TAG_BYTES);
    sealed.set(plaintext);
    sealChunkInPlace(this.chunkKey, index, sealed);
    return sealed;
  }

  /** The plaintext, in memory of its own. Fails with `unsealing_failed`. */
  openChunk(index: number, sealed: Uint8Array): Buffer {
    const plainBytes = sealed.byteLength - TAG_BYTES;
    if (plainBytes < 0 || index >= MAX_CHUNKS) throw unsealingFailed('truncated');
    const block = Buffer.from(sealed);
    if (!openChunkInPlace(this.chunkKey, index, block)) throw unsealingFailed('chunk');
    return block.subarray(0, plainBytes);
  }
}
