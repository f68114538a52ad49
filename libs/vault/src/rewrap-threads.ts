import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DATA_KEY_INFO, dataKeyContext, type DataKeySubject } from './data-key-wrapping.js';

export interface WrappedDataKey {
  readonly subject: DataKeySubject;
  readonly wrapped: Uint8Array;
}

interface Answer {
  readonly id: number;
  readonly rewrapped: (Uint8Array<ArrayBuffer> | undefined)[];
}

const MAX_THREADS = 2;

/**
 * Moves data keys from one key-encryption key to another, on threads of their own: a second's worth of curve arithmetic
 * must not hold up the leases of whoever serves. Each key keeps its subject: one that does not open under the subject it is
 * given comes back as undefined, and nothing of it is known.
 */
export class RewrapThreads {
  readonly #threads = Array.from(
    { length: Math.min(MAX_THREADS, availableParallelism()) },
    () => new RewrapThread(),
  );

  /** In the order of `keys`. */
  async rewrap(
    from: KeyObject,
    to: Uint8Array,
    keys: readonly WrappedDataKey[],
  ): Promise<(Uint8Array<ArrayBuffer> | undefined)[]> {
    const share = Math.ceil(keys.length / this.#threads.length);
    const parts = this.#threads.map((thread, index) =>
      thread.rewrap(from, to, keys.slice(index * share, (index + 1) * share)),
    );
    return (await Promise.all(parts)).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** Started at the first need, and no reason for the process to stay alive while it has nothing to do. */
class RewrapThread {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer['rewrapped']>>();
  #lastId = 0;

  rewrap(from: KeyObject, to: Uint8Array, keys: readonly WrappedDataKey[]): Promise<Answer['rewrapped']> {
    if (keys.length === 0) return Promise.resolve([]);
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Answer['rewrapped']>();
    this.#waiting.set(id, answer);
    worker.ref();
    // Copies: a view would take the whole buffer behind it to the other thread.
    worker.postMessage({
      id,
      from,
      to: new Uint8Array(to),
      info: new Uint8Array(DATA_KEY_INFO),
      keys: keys.map(({ subject, wrapped }) => ({
        aad: new TextEncoder().encode(dataKeyContext(subject)),
        wrapped: new Uint8Array(wrapped),
      })),
    });
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./rewrap-thread-main.mjs', import.meta.url), { execArgv: [] });
    worker.on('message', ({ id, rewrapped }: Answer) => {
      this.#waiting.get(id)?.resolve(rewrapped);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    });
    worker.on('error', (cause: Error) => this.#end(worker, cause));
    worker.on('exit', () => this.#end(worker, new Error('a re-wrapping thread ended')));
    return worker;
  }

  #end(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}
