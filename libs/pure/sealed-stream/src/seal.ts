import { randomBytes, type KeyObject } from 'node:crypto';
import { ByteReader } from './byte-reader.js';
import { CHUNK_BYTES, SALT_BYTES } from './layout.js';
import { StreamKey } from './stream-key.js';

/**
 * Seals a stream of any length in constant memory (about three chunks). It opens only under the same data key and the
 * same context, which should say what the object is: two objects in one context can be swapped unnoticed.
 *
 * `dataKey`: a secret of 32 uniformly random bytes; it may seal any number of objects (each has its own salt).
 * Fails with `data_key_invalid`, `object_too_large`, or whatever the source throws; the object is then incomplete and
 * never opens.
 * Source: SPEC.md. It does not hide the length of the plaintext.
 */
export function seal(
  dataKey: KeyObject,
  context: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  return sealWithSalt(randomBytes(SALT_BYTES), dataKey, context, source);
}

/** seal with a given salt, for vectors. A salt used twice under one data key breaks AES-GCM: not exported. */
export async function* sealWithSalt(
  salt: Uint8Array,
  dataKey: KeyObject,
  context: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const key = StreamKey.derive(dataKey, salt, context);
  const plaintext = new ByteReader(source);
  try {
    yield key.header;
    for (let index = 0; ; index++) {
      const chunk = await plaintext.take(CHUNK_BYTES);
      yield key.sealChunk(index, chunk);
      if (chunk.byteLength < CHUNK_BYTES) return;
    }
  } finally {
    await plaintext.close();
  }
}
