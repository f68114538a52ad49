import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DigestTree, LEAF_BYTES, leafHashes } from '@castellan/merkle-log';

/**
 * Both digests of a file, taken of the bytes as they are sent. What is sent again counts once, and what the server had already is
 * read from the file.
 */
export class RunningDigest {
  readonly #hash = createHash('sha256');
  readonly #tree = new DigestTree();
  #rest: Uint8Array = new Uint8Array(0);
  #hashedBytes = 0;

  constructor(private readonly file: string) {}

  /** Bytes of the file from `at` on, which is not beyond what was added before. */
  add(at: number, bytes: Uint8Array): void {
    const known = this.#hashedBytes - at;
    if (known >= bytes.byteLength) return;
    const news = bytes.subarray(known);
    this.#hash.update(news);
    this.#addToTree(news);
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
  end(): { readonly sha256: string; readonly sha256Tree: string } {
    this.#tree.add([leafHashes(this.#rest)]);
    return { sha256: this.#hash.digest('hex'), sha256Tree: this.#tree.root() };
  }

  #addToTree(bytes: Uint8Array): void {
    const some = this.#rest.byteLength === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const wholeBytes = some.byteLength - (some.byteLength % LEAF_BYTES);
    this.#tree.add([leafHashes(some.subarray(0, wholeBytes))]);
    this.#rest = Uint8Array.from(some.subarray(wholeBytes));
  }
}
