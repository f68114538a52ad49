import { createHash } from 'node:crypto';
import { VaultError } from './vault-error.js';

/** Passes a stream on while it counts and hashes it. `sizeBytes` and `sha256()` hold once the stream has ended. */
export class MeasuredSource {
  sizeBytes = 0;
  private readonly hash = createHash('sha256');

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly maxBytes: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of this.source) {
      this.sizeBytes += piece.byteLength;
      if (this.sizeBytes > this.maxBytes) {
        throw new VaultError('file_too_large', {
          kind: 'invalid',
          publicDetail: `The file is longer than the ${this.maxBytes} bytes that are allowed.`,
          meta: { maxBytes: this.maxBytes },
        });
      }
      this.hash.update(piece);
      yield piece;
    }
  }

  /** Lowercase hexadecimal; callable once. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}
