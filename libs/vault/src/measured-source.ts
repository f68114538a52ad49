import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

/**
 * Passes a stream on while it counts and hashes it; the hash is taken on another thread. `sizeBytes` and `sha256()` hold once
 * the stream has ended.
 */
export class MeasuredSource {
  sizeBytes = 0;
  private readonly hash = new Sha256Stream();
  private ended = false;

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly maxBytes: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.source) {
        this.sizeBytes += piece.byteLength;
        if (this.sizeBytes > this.maxBytes) throw this.tooLarge();
        await this.hash.update(piece);
        yield piece;
      }
      this.ended = true;
    } finally {
      if (!this.ended) this.hash.discard();
    }
  }

  /** Lowercase hexadecimal; callable once. */
  async sha256(): Promise<string> {
    return this.hash.digest();
  }

  private tooLarge(): VaultError {
    return new VaultError('file_too_large', {
      kind: 'invalid',
      publicDetail: `The file is longer than the ${this.maxBytes} bytes that are allowed.`,
      meta: { maxBytes: this.maxBytes },
    });
  }
}
