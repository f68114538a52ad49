import { createHash } from 'node:crypto';
import { Sha256Thread } from './sha256-thread.js';

/** A digest of at most one block is taken on the spot: quicker than asking a thread. */
const BLOCK_BYTES = 1024 * 1024;
const MAX_BLOCKS = 4;

/**
 * The SHA-256 of a stream, taken on another thread beside whatever else is done with the bytes: a digest costs as much time
 * as sealing, and on one thread the two would add up.
 *
 * Memory: MAX_BLOCKS blocks a stream, wiped at the end. Call `digest` or `discard`, and nothing after. Fails with what
 * ends the thread, if anything does.
 */
export class Sha256Stream {
  readonly #free: Buffer<SharedArrayBuffer>[] = [];
  readonly #blocks: Buffer<SharedArrayBuffer>[] = [];
  readonly #sent: Buffer<SharedArrayBuffer>[] = [];
  readonly #thread = { running: undefined as Sha256Thread | undefined, id: 0 };
  readonly #result = Promise.withResolvers<string>();
  #block: Buffer<SharedArrayBuffer> | undefined;
  #filledBytes = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    // Whoever asks for the digest hears of the failure; nobody asking is no reason to end the process.
    this.#result.promise.catch(() => undefined);
  }

  /** Adds a copy of a piece. Resolves when there is room for the next one. */
  async update(piece: Uint8Array): Promise<void> {
    for (let done = 0; done < piece.byteLength;) {
      if (this.#block !== undefined && this.#filledBytes === BLOCK_BYTES) this.#send(this.#block);
      const block = (this.#block ??= await this.#freeBlock());
      const part = piece.subarray(done, done + BLOCK_BYTES - this.#filledBytes);
      block.set(part, this.#filledBytes);
      this.#filledBytes += part.byteLength;
      done += part.byteLength;
    }
  }

  /** Lowercase hexadecimal. */
  async digest(): Promise<string> {
    try {
      const rest = this.#block?.subarray(0, this.#filledBytes) ?? new Uint8Array(0);
      const { running, id } = this.#thread;
      if (running === undefined) return createHash('sha256').update(rest).digest('hex');
      if (this.#block !== undefined) this.#send(this.#block);
      running.end(id);
      return await this.#result.promise;
    } finally {
      this.#wipe();
    }
  }

  /** Lets go of a stream whose digest nobody will ask for. */
  discard(): void {
    this.#thread.running?.drop(this.#thread.id);
    this.#wipe();
  }

  #send(block: Buffer<SharedArrayBuffer>): void {
    const running = (this.#thread.running ??= this.#start());
    this.#sent.push(block);
    running.add(this.#thread.id, block.subarray(0, this.#filledBytes));
    this.#block = undefined;
    this.#filledBytes = 0;
  }

  #start(): Sha256Thread {
    const running = Sha256Thread.running();
    this.#thread.id = running.start({
      blockDone: () => {
        this.#free.push(...this.#sent.splice(0, 1));
        this.#wake?.();
      },
      done: (sha256) => this.#result.resolve(sha256),
      failed: (cause) => {
        this.#failure = cause;
        this.#result.reject(cause);
        this.#wake?.();
      },
    });
    return running;
  }

  async #freeBlock(): Promise<Buffer<SharedArrayBuffer>> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const free = this.#free.pop();
      if (free !== undefined) return free;
      if (this.#blocks.length < MAX_BLOCKS) return this.#newBlock();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #newBlock(): Buffer<SharedArrayBuffer> {
    const block = Buffer.from(new SharedArrayBuffer(BLOCK_BYTES));
    this.#blocks.push(block);
    return block;
  }

  /** A block that a dropped digest still reads is wiped all the same: that digest is never given out. */
  #wipe(): void {
    for (const block of this.#blocks) block.fill(0);
  }
}
