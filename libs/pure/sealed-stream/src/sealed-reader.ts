import type { KeyObject } from 'node:crypto';
import { CHUNK_BYTES, chunkOffset, HEADER_BYTES, plainSize, SEALED_CHUNK_BYTES } from './layout.js';
import { streamKeyFrom } from './open.js';
import { SealedStreamError, unsealingFailed } from './sealed-stream-error.js';
import type { StreamKey } from './stream-key.js';

/** A sealed object that can be read anywhere: a file, a blob, a buffer. */
export interface SealedSource {
  readonly sizeBytes: number;
  /** Exactly `lengthBytes` bytes from `offset`. */
  readAt(offset: number, lengthBytes: number): Promise<Uint8Array>;
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
    const header = await source.readAt(0, Math.min(HEADER_BYTES, source.sizeBytes));
    const key = streamKeyFrom(header, dataKey, context);
    const reader = new SealedReader(key, source, plainSize(source.sizeBytes));
    await reader.openChunk(Math.floor(reader.sizeBytes / CHUNK_BYTES));
    return reader;
  }

  /**
   * `lengthBytes` bytes of plaintext from `offset`. Costs at most two chunks more than what was asked for.
   * Fails with `range_invalid` beyond the end, `unsealing_failed` when a chunk it needs is not genuine.
   */
  async read(offset: number, lengthBytes: number): Promise<Buffer> {
    this.requireRange(offset, lengthBytes);
    const plaintext = Buffer.allocUnsafe(lengthBytes);
    for (let filled = 0; filled < lengthBytes;) {
      const at = offset + filled;
      const chunk = await this.openChunk(Math.floor(at / CHUNK_BYTES));
      filled += chunk.copy(plaintext, filled, at % CHUNK_BYTES);
      chunk.fill(0);
    }
    return plaintext;
  }

  private async openChunk(index: number): Promise<Buffer> {
    const offset = chunkOffset(index);
    const sealedBytes = Math.min(SEALED_CHUNK_BYTES, this.source.sizeBytes - offset);
    const sealed = await this.source.readAt(offset, sealedBytes);
    if (sealed.byteLength !== sealedBytes) throw unsealingFailed('truncated');
    return this.key.openChunk(index, sealed);
  }

  private requireRange(offset: number, lengthBytes: number): void {
    const end = offset + lengthBytes;
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(lengthBytes);
    if (!whole || offset < 0 || lengthBytes < 0 || end > this.sizeBytes) {
      throw new SealedStreamError('range_invalid');
    }
  }
}
