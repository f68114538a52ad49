import type { Readable } from 'node:stream';
import { RegistryError } from '../registry-error.js';

/**
 * What arrives is kept in whole blocks of this size; only a file's last one may be shorter. So the saved state of its
 * SHA-256 never holds bytes of the file itself, and can't be used to guess a few of them.
 */
export const BLOCK_BYTES = 64 * 1024;

const IDLE_MS = 60_000;

/**
 * A request's body in blocks. A body that breaks off, falls silent for a minute or is destroyed ends early, with what is
 * whole; that is no failure here, since the sender goes on from there.
 */
export class ArrivingBlocks {
  readonly #pieces: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);
  #next: Buffer | undefined;
  #receivedBytes = 0;
  #ended = false;
  #brokenOff = false;

  /** `wantedBytes`: what is missing of the file. More than that is refused. */
  constructor(
    private readonly body: Readable,
    private readonly wantedBytes: number,
  ) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** Whether there is another block. @throws upload_too_long */
  async more(): Promise<boolean> {
    return (this.#next ??= await this.#read()) !== undefined;
  }

  /** Blocks of `maxBytes` together, or fewer at the end. @throws upload_too_long */
  async *upTo(maxBytes: number): AsyncGenerator<Buffer, void, undefined> {
    for (let given = 0; given < maxBytes && (await this.more());) {
      const block = this.#next ?? Buffer.alloc(0);
      this.#next = undefined;
      given += block.byteLength;
      yield block;
    }
  }

  /** True when everything came that was wanted. */
  get complete(): boolean {
    return this.#receivedBytes === this.wantedBytes;
  }

  /** Bytes that came, of which a block may not be whole. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** True when the sender didn't end the body. */
  get brokenOff(): boolean {
    return this.#brokenOff;
  }

  async #read(): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [this.#rest];
    let filled = this.#rest.byteLength;
    while (filled < BLOCK_BYTES && !this.#ended) {
      const piece = await this.#piece();
      if (piece === undefined) break;
      this.#receivedBytes += piece.byteLength;
      if (this.#receivedBytes > this.wantedBytes) throw tooLong();
      parts.push(piece);
      filled += piece.byteLength;
    }
    const bytes = parts.length === 1 ? this.#rest : Buffer.concat(parts, filled);
    if (filled < BLOCK_BYTES && !(this.#ended && this.complete)) return undefined;
    this.#rest = bytes.subarray(BLOCK_BYTES);
    return filled === 0 ? undefined : bytes.subarray(0, BLOCK_BYTES);
  }

  async #piece(): Promise<Uint8Array | undefined> {
    const idle = setTimeout(() => this.body.destroy(new Error('silent')), IDLE_MS);
    try {
      const { value, done } = await this.#pieces.next();
      this.#ended = done === true;
      return value instanceof Uint8Array ? value : undefined;
    } catch {
      this.#ended = true;
      this.#brokenOff = true;
      return undefined;
    } finally {
      clearTimeout(idle);
    }
  }
}

export function tooLong(): RegistryError {
  return new RegistryError('upload_too_long', {
    kind: 'invalid',
    publicDetail: 'More was sent than the file was said to be long. Nothing of this piece was kept.',
  });
}

export function tooSmall(receivedBytes: number): RegistryError {
  return new RegistryError('upload_piece_too_small', {
    kind: 'invalid',
    publicDetail:
      `${receivedBytes} bytes came, and the file is not at its end. ` +
      `All but the last piece are kept in blocks of ${BLOCK_BYTES} bytes: send at least that many.`,
    meta: { blockBytes: BLOCK_BYTES },
  });
}
