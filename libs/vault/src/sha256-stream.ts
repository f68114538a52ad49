import { createHash } from 'node:crypto';
import { Sha256Thread, type DigestListener } from './sha256-thread.js';

/** A digest of at most one block is taken on the spot: quicker than asking a thread. */
const BLOCK_BYTES = 1024 * 1024;
const MAX_BLOCKS = 4;

/**
 * The SHA-256 of a stream, taken on another thread beside whatever else is done with the bytes: a digest costs as much time
 * as sealing, and on one thread the two would add up.
 *
 * Memory: MAX_BLOCKS blocks a stream, wiped at the end. Call `digest` or `discard`, and nothing after. Fails with what
 * ends the thread, if anything does.
 *
 * With `resume` (a state that `save` gave, or an empty one to begin with) it is a digest that a later process can go on with.
 */
export class Sha256Stream {
  readonly #free: Buffer<SharedArrayBuffer>[] = [];
  readonly #blocks: Buffer<SharedArrayBuffer>[] = [];
  readonly #sent: Buffer<SharedArrayBuffer>[] = [];
  readonly #thread = { running: undefined as Sha256Thread | undefined, id: 0 };
  readonly #result = Promise.withResolvers<string>();
  #saved = Promise.withResolvers<Uint8Array>();
  #block: Buffer<SharedArrayBuffer> | undefined;
  #filledBytes = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(private readonly resume?: Uint8Array) {
    // Whoever asks for the digest hears of the failure; nobody asking is no reason to end the process.
    this.#result.promise.catch(() => undefined);
    this.#saved.promise.catch(() => undefined);
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
      if (this.#thread.running === undefined && this.resume === undefined)
        return createHash('sha256').update(rest).digest('hex');
      if (this.#block !== undefined) this.#send(this.#block);
      this.#running().end(this.#thread.id);
      return await this.#result.promise;
    } finally {
      this.#wipe();
    }
  }

  /**
   * The state after what was added so far, to go on from elsewhere; this one goes on too. Where a whole number of 64-byte
   * blocks was added it holds nothing of the bytes themselves; elsewhere it would hold the rest: don't keep that.
   */
  async save(): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#block !== undefined) this.#send(this.#block);
    const running = this.#running();
    this.#saved = Promise.withResolvers<Uint8Array>();
    running.save(this.#thread.id);
    return this.#saved.promise;
  }

  /** Lets go of a stream whose digest nobody will ask for. */
  discard(): void {
    this.#thread.running?.drop(this.#thread.id);
    this.#wipe();
  }

  #send(block: Buffer<SharedArrayBuffer>): void {
    const running = this.#running();
    this.#sent.push(block);
    running.add(this.#thread.id, block.subarray(0, this.#filledBytes));
    this.#block = undefined;
    this.#filledBytes = 0;
  }

  #running(): Sha256Thread {
    return (this.#thread.running ??= this.#start());
  }

  #start(): Sha256Thread {
    const running = Sha256Thread.running();
    const listener: DigestListener = {
      blockDone: () => {
        this.#free.push(...this.#sent.splice(0, 1));
        this.#wake?.();
      },
      saved: (state) => this.#saved.resolve(state),
      done: (sha256) => this.#result.resolve(sha256),
      failed: (cause) => {
        this.#failure = cause;
        this.#result.reject(cause);
        this.#saved.reject(cause);
        this.#wake?.();
      },
    };
    this.#thread.id = running.start(listener, this.resume);
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
