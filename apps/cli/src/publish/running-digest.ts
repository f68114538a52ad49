import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * SHA-256 of a file, taken of the bytes as they are sent. What is sent again counts once, and what the server had already is
 * read from the file.
 */
export class RunningDigest {
  readonly #hash = createHash('sha256');
  #hashedBytes = 0;

  constructor(private readonly file: string) {}

  /** Bytes of the file from `at` on, which is not beyond what was added before. */
  add(at: number, bytes: Uint8Array): void {
    const known = this.#hashedBytes - at;
    if (known >= bytes.byteLength) return;
    this.#hash.update(bytes.subarray(known));
    this.#hashedBytes = at + bytes.byteLength;
  }

  /** Reads what is missing before `end`. */
  async catchUp(end: number): Promise<void> {
    if (end <= this.#hashedBytes) return;
    const start = this.#hashedBytes;
    let at = start;
    for await (const bytes of createReadStream(this.file, { start, end: end - 1 })) {
      this.add(at, bytes);
      at += bytes.length;
    }
  }

  /** Lowercase hexadecimal; once. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}
