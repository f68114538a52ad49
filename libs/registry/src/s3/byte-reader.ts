import { objectMalformed } from './s3-refusals.js';

/** Longest line of the framing: a chunk's length and signature, or a trailer. */
const MAX_LINE_BYTES = 1024;

/** Lines and runs of bytes out of a stream, holding back no more than its pieces. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Without its CRLF. @throws object_malformed */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end > MAX_LINE_BYTES || (end < 0 && this.#rest.byteLength > MAX_LINE_BYTES))
        throw objectMalformed();
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      const piece = await this.#piece();
      this.#rest = Buffer.concat([this.#rest, piece]);
    }
  }

  /** The next `count` bytes. @throws object_malformed when there are fewer */
  async *take(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let missing = count; missing > 0;) {
      if (this.#rest.byteLength === 0) this.#rest = await this.#piece();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.byteLength);
      missing -= piece.byteLength;
      yield piece;
    }
  }

  /** @throws object_malformed when something follows */
  async end(): Promise<void> {
    if (this.#rest.byteLength > 0 || (await this.#pieces.next()).done !== true) throw objectMalformed();
  }

  async #piece(): Promise<Buffer> {
    const { value, done } = await this.#pieces.next();
    if (done === true) throw objectMalformed();
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
