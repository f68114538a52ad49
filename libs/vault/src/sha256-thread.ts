import { Worker } from 'node:worker_threads';
import { VaultError } from './vault-error.js';

/** What one digest wants to hear from the thread. */
export interface DigestListener {
  blockDone(): void;
  saved?(state: Uint8Array): void;
  done(sha256: string): void;
  failed(cause: Error): void;
}

interface Answer {
  readonly id: number;
  readonly sha256?: string;
  readonly state?: Uint8Array;
  readonly error?: string;
}

/**
 * The process's hashing thread: started at the first need, kept for the next, and no reason for the process to stay alive
 * while nothing is being hashed. One thread, because a digest is sequential; concurrent files share its rate.
 */
export class Sha256Thread {
  static #running: Sha256Thread | undefined;

  readonly #worker = new Worker(new URL('./sha256-thread-main.mjs', import.meta.url), { execArgv: [] });
  readonly #listeners = new Map<number, DigestListener>();
  #lastId = 0;

  private constructor() {
    this.#worker.on('message', (answer: Answer) => this.#hear(answer));
    this.#worker.on('error', (cause: Error) => this.#end(cause));
    this.#worker.on('exit', () => this.#end(new Error('the hashing thread ended')));
  }

  static running(): Sha256Thread {
    return (Sha256Thread.#running ??= new Sha256Thread());
  }

  /** `resume`: a state from `save`, or empty for a new digest that can be saved. Absent: one that can't. */
  start(listener: DigestListener, resume?: Uint8Array): number {
    this.#listeners.set(++this.#lastId, listener);
    this.#worker.ref();
    if (resume !== undefined) this.#worker.postMessage({ id: this.#lastId, resume });
    return this.#lastId;
  }

  /** `block` lies in shared memory and stays as it is until `blockDone`. */
  add(id: number, block: Uint8Array<SharedArrayBuffer>): void {
    this.#worker.postMessage({ id, block });
  }

  save(id: number): void {
    this.#worker.postMessage({ id, save: true });
  }

  end(id: number): void {
    this.#worker.postMessage({ id, end: true });
  }

  drop(id: number): void {
    this.#worker.postMessage({ id, drop: true });
    this.#forget(id);
  }

  /** Ends the thread; whatever it was hashing fails. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear({ id, sha256, state, error }: Answer): void {
    const listener = this.#listeners.get(id);
    if (state !== undefined) return listener?.saved?.(state);
    if (sha256 === undefined && error === undefined) return listener?.blockDone();
    this.#forget(id);
    if (sha256 === undefined) listener?.failed(unreadable(error));
    else listener?.done(sha256);
  }

  #forget(id: number): void {
    this.#listeners.delete(id);
    if (this.#listeners.size === 0) this.#worker.unref();
  }

  #end(cause: Error): void {
    if (Sha256Thread.#running === this) Sha256Thread.#running = undefined;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener.failed(cause);
  }
}

function unreadable(cause: string | undefined): VaultError {
  return new VaultError('digest_state_unreadable', {
    kind: 'conflict',
    publicDetail:
      'This was begun under another release, which kept its digest in another form. Begin it again.',
    cause,
  });
}
