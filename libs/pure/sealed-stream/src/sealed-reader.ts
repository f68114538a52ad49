import type { KeyObject } from 'node:crypto';
import { openChunkInPlace } from './chunk-cipher.mjs';
import {
  CHUNK_BYTES,
  chunkOffset,
  HEADER_BYTES,
  plainSize,
  SEALED_CHUNK_BYTES,
  TAG_BYTES,
} from './layout.js';

import { SealedStreamError, unsealingFailed } from './sealed-stream-error.js';
import { StreamKey } from './stream-key.js';

/** How many chunks are read at once: memory for a long range is bounded. */
const RUN_CHUNKS = 4;

/** A sealed object that can be read anywhere: a file, a blob, a buffer. */
export interface SealedSource {
  readonly sizeBytes: number;
  /** Fills `target` with what lies from `offset` on, or fails. */
  readInto(offset: number, target: Uint8Array): Promise<void>;
}

/** Reads any range of a sealed object by opening only the chunks that hold it. */
export class SealedReader {
  private constructor(
    private readonly key: StreamKey,
    private readonly source: SealedSource,
    /** The length of the plaintext in bytes; authenticated. */
    readonly sizeBytes: number,
  ) {}

  /**
   * Checks the commitment and the last chunk, so that the size is genuine before anybody relies on it.
   * Fails with `unsealing_failed`, `data_key_invalid`, or whatever the source throws.
   */
  static async open(dataKey: KeyObject, context: Uint8Array, source: SealedSource): Promise<SealedReader> {
    const header = new Uint8Array(Math.min(HEADER_BYTES, source.sizeBytes));
    await source.readInto(0, header);
    const key = StreamKey.from(header, dataKey, context);
    const reader = new SealedReader(key, source, plainSize(source.sizeBytes));
    await reader.openChunks(Math.floor(reader.sizeBytes / CHUNK_BYTES), 1);
    return reader;
  }

  /**
   * `lengthBytes` bytes of plaintext from `offset`. Costs at most two chunks more than what was asked for.
   * Fails with `range_invalid` beyond the end, `unsealing_failed` when a chunk it needs is not genuine.
   */
  async read(offset: number, lengthBytes: number): Promise<Buffer> {
    this.requireRange(offset, lengthBytes);
    const plaintext = Buffer.allocUnsafe(lengthBytes);
    const end = offset + lengthBytes;
    for (let at = offset; at < end;) {
      const first = Math.floor(at / CHUNK_BYTES);
      const chunks = await this.openChunks(first, Math.min(RUN_CHUNKS, Math.ceil(end / CHUNK_BYTES) - first));
      for (const chunk of chunks) at += chunk.copy(plaintext, at - offset, at % CHUNK_BYTES);
      for (const chunk of chunks) chunk.fill(0);
    }
    return plaintext;
  }

  /** Chunks that follow one another, read at once and opened where they lie. */
  private async openChunks(first: number, count: number): Promise<Buffer[]> {
    const start = chunkOffset(first);
    const sealed = Buffer.allocUnsafeSlow(
      Math.min(chunkOffset(first + count), this.source.sizeBytes) - start,
    );
    await this.source.readInto(start, sealed);
    return Array.from({ length: count }, (_, turn) => {
      const chunk = sealed.subarray(turn * SEALED_CHUNK_BYTES, (turn + 1) * SEALED_CHUNK_BYTES);
      if (!openChunkInPlace(this.key.chunkKey, first + turn, chunk)) {
        sealed.fill(0);
        throw unsealingFailed('chunk');
      }
      return chunk.subarray(0, chunk.byteLength - TAG_BYTES);
    });
  }

  private requireRange(offset: number, lengthBytes: number): void {
    const end = offset + lengthBytes;
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(lengthBytes);
    if (!whole || offset < 0 || lengthBytes < 0 || end > this.sizeBytes) {
      throw new SealedStreamError('range_invalid');
    }
  }
}
