import { createHash, type Hash } from 'node:crypto';
import { Sha256Thread, type DigestListener } from './sha256-thread.js';

/** A digest of less than this is taken on the spot: quicker than asking a thread. */
const ON_THE_SPOT_BYTES = 256 * 1024;

/**
 * The SHA-256 of a stream, taken on another thread beside whatever else is done with the bytes: a digest costs as much time
 * as sealing, and on one thread the two would add up.
 *
 * Call `digest` or `discard`, and nothing after. Fails with what ends the thread, if anything does.
 *
 * With `resume` (a state that `save` gave, or an empty one to begin with) it is a digest that a later process can go on with.
 */
export class Sha256Stream {
  readonly #result = Promise.withResolvers<string>();
  readonly #underWay: PromiseWithResolvers<undefined>[] = [];
  #saved = Promise.withResolvers<Uint8Array>();
  #thread: { readonly running: Sha256Thread; readonly id: number } | undefined;
  #onTheSpot: Hash | undefined;
  #failure: Error | undefined;

  constructor(private readonly resume?: Uint8Array) {
    // Whoever asks for the digest hears of the failure; nobody asking is no reason to end the process.
    this.#result.promise.catch(() => undefined);
    this.#saved.promise.catch(() => undefined);
  }

  /** Adds blocks, in the order of the calls. They stay as they are until it resolves. */
  async add(blocks: readonly Uint8Array<SharedArrayBuffer>[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isSmall(blocks)) this.#onTheSpot ??= createHash('sha256');
    if (this.#onTheSpot !== undefined) {
      for (const block of blocks) this.#onTheSpot.update(block);
      return;
    }
    const { running, id } = (this.#thread ??= this.#start());
    const done = blocks.map((block) => {
      const underWay = Promise.withResolvers<undefined>();
      this.#underWay.push(underWay);
      running.add(id, block);
      return underWay.promise;
    });
    await Promise.all(done);
  }

  /** Lowercase hexadecimal. */
  async digest(): Promise<string> {
    if (this.#onTheSpot !== undefined) return this.#onTheSpot.digest('hex');
    const { running, id } = (this.#thread ??= this.#start());
    running.end(id);
    return this.#result.promise;
  }

  /**
   * The state after what was added so far, to go on from elsewhere; this one goes on too. Where a whole number of 64-byte
   * blocks was added it holds nothing of the bytes themselves; elsewhere it would hold the rest: don't keep that.
   */
  async save(): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    const { running, id } = (this.#thread ??= this.#start());
    this.#saved = Promise.withResolvers<Uint8Array>();
    running.save(id);
    return this.#saved.promise;
  }

  /** Lets go of a stream whose digest nobody will ask for. */
  discard(): void {
    this.#thread?.running.drop(this.#thread.id);
    this.#failed(new Error('the digest was discarded'));
  }

  /** What is small at the beginning is small altogether, unless it is a part of more. */
  #isSmall(blocks: readonly Uint8Array[]): boolean {
    const sizeBytes = blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return this.resume === undefined && this.#thread === undefined && sizeBytes < ON_THE_SPOT_BYTES;
  }

  #start(): { running: Sha256Thread; id: number } {
    const running = Sha256Thread.running();
    const listener: DigestListener = {
      blockDone: () => this.#underWay.shift()?.resolve(undefined),
      saved: (state) => this.#saved.resolve(state),
      done: (sha256) => this.#result.resolve(sha256),
      failed: (cause) => this.#failed(cause),
    };
    return { running, id: running.start(listener, this.resume) };
  }

  #failed(cause: Error): void {
    this.#failure = cause;
    this.#result.reject(cause);
    this.#saved.reject(cause);
    for (const { reject } of this.#underWay.splice(0)) reject(cause);
  }
}
