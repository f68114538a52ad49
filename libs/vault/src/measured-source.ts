import { VaultError } from './vault-error.js';

/** Passes a stream on while it counts it. Fails with `file_too_large` beyond `maxBytes`. */
export class MeasuredSource {
  sizeBytes = 0;

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly maxBytes: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of this.source) {
      this.sizeBytes += piece.byteLength;
      if (this.sizeBytes > this.maxBytes) throw this.tooLarge();
      yield piece;
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
