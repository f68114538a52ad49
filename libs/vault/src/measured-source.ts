import type { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

/**
 * Passes a stream on while it counts it and adds it to a digest, which it lets go of when the stream doesn't come to its end.
 * `sizeBytes` holds once it has.
 */
export class MeasuredSource {
  sizeBytes = 0;
  private ended = false;

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly maxBytes: number,
    private readonly digest: Sha256Stream,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.source) {
        this.sizeBytes += piece.byteLength;
        if (this.sizeBytes > this.maxBytes) throw this.tooLarge();
        await this.digest.update(piece);
        yield piece;
      }
      this.ended = true;
    } finally {
      if (!this.ended) this.digest.discard();
    }
  }

  private tooLarge(): VaultError {
    return new VaultError('file_too_large', {
      kind: 'invalid',
      publicDetail: `The file is longer than the ${this.maxBytes} bytes that are allowed.`,
      meta: { maxBytes: this.maxBytes },
    });
  }
}
