import type { KeyObject } from 'node:crypto';
import { openChunkInPlace, type ChunkKey } from './chunk-cipher.mjs';
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
    private readonly chunkKey: ChunkKey,
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
    const chunksBytes = source.sizeBytes - header.byteLength;
    const last = Buffer.allocUnsafeSlow(chunksBytes % SEALED_CHUNK_BYTES);
    // Asked for together: a store may be far away. Nothing of the chunk is opened before the commitment is checked.
    await Promise.all([
      source.readInto(0, header),
      source.readInto(source.sizeBytes - last.byteLength, last),
    ]);
    const { chunkKey } = StreamKey.from(header, dataKey, context);
    const plainBytes = plainSize(source.sizeBytes);
    const index = Math.floor(plainBytes / CHUNK_BYTES);
    if (!openChunkInPlace(chunkKey, index, last)) throw unsealingFailed('chunk');
    letGo(last);
    return new SealedReader(chunkKey, source, plainBytes);
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
      const count = Math.min(RUN_CHUNKS, Math.ceil(end / CHUNK_BYTES) - first);
      const sealed = await this.sealedChunks(first, count);
      try {
        for (const chunk of this.opened(first, sealed))
          at += chunk.copy(plaintext, at - offset, at % CHUNK_BYTES);
      } finally {
        letGo(sealed);
      }
    }
    return plaintext;
  }

  /** Chunks that follow one another, read at once. */
  private async sealedChunks(first: number, count: number): Promise<Buffer<ArrayBuffer>> {
    const start = chunkOffset(first);
    const end = Math.min(chunkOffset(first + count), this.source.sizeBytes);
    const sealed = Buffer.allocUnsafeSlow(end - start);
    await this.source.readInto(start, sealed);
    return sealed;
  }

  /** Each of them, opened where it lies. */
  private *opened(first: number, sealed: Buffer): Generator<Buffer, void, undefined> {
    for (let start = 0, index = first; start < sealed.byteLength; start += SEALED_CHUNK_BYTES, index++) {
      const chunk = sealed.subarray(start, start + SEALED_CHUNK_BYTES);
      if (!openChunkInPlace(this.chunkKey, index, chunk)) throw unsealingFailed('chunk');
      yield chunk.subarray(0, chunk.byteLength - TAG_BYTES);
    }
  }

  private requireRange(offset: number, lengthBytes: number): void {
    const end = offset + lengthBytes;
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(lengthBytes);
    if (!whole || offset < 0 || lengthBytes < 0 || end > this.sizeBytes) {
      throw new SealedStreamError('range_invalid');
    }
  }
}

/** Wiped, and given back at once rather than with the next collection of garbage: the next range finds it warm. */
function letGo(memory: Buffer<ArrayBuffer>): void {
  memory.fill(0);
  memory.buffer.transfer(0);
}
