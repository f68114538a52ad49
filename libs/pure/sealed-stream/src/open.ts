import type { KeyObject } from 'node:crypto';
import { ByteReader } from './byte-reader.js';
import { HEADER_BYTES, SEALED_CHUNK_BYTES } from './layout.js';
import { StreamKey } from './stream-key.js';

/**
 * Opens what `seal` sealed, a chunk at a time, in constant memory. Each piece it yields is authentic and in its place;
 * that it was the whole object is known only when the iteration ends without an error, so nobody may act on the
 * pieces before.
 *
 * Fails with `unsealing_failed` (whatever the cause; `failure` tells tests and logs), `data_key_invalid`, or whatever
 * the source throws.
 */
export async function* open(
  dataKey: KeyObject,
  context: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const sealed = new ByteReader(source);
  try {
    const key = StreamKey.from(await sealed.take(HEADER_BYTES), dataKey, context);
    for (let index = 0; ; index++) {
      const chunk = await sealed.take(SEALED_CHUNK_BYTES);
      yield key.openChunk(index, chunk);
      if (chunk.byteLength < SEALED_CHUNK_BYTES) return;
    }
  } finally {
    await sealed.close();
  }
}
