import { MessageChannel, type MessagePort } from 'node:worker_threads';
import {
  dataOf,
  FAILED,
  GIVEN,
  RANGE_BYTES,
  type RangeWanted,
  sharedRange,
  stateOf,
} from './range-message.js';

/** A file whose content is settled: whoever hands it out has verified its digest, and every read is of that content. */
export interface SettledFile {
  readonly sizeBytes: number;
  /** In memory of the caller's, who wipes it. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
}

/** Answers a scan's thread, which has no keys and no files, with the ranges that it asks for, one at a time. */
export class RangeAnswers {
  /** For the thread. */
  readonly port: MessagePort;
  readonly shared = sharedRange();
  readonly #own: MessagePort;
  readonly #files: readonly SettledFile[];
  #answering: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(files: readonly SettledFile[]) {
    const { port1, port2 } = new MessageChannel();
    this.port = port2;
    this.#own = port1;
    this.#files = files;
    port1.on('message', (wanted: RangeWanted) => {
      this.#answering = this.#answer(wanted);
    });
  }

  /** Throws what a file could not be read for: then nothing that the thread says counts. */
  requireAnswered(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Lets go of the thread, and of the plaintext that lies between it and here. */
  async close(): Promise<void> {
    this.#own.close();
    await this.#answering;
    dataOf(this.shared).fill(0);
  }

  async #answer({ file, offset, length }: RangeWanted): Promise<void> {
    const state = stateOf(this.shared);
    try {
      const settled = this.#files[file];
      if (settled === undefined || length > RANGE_BYTES)
        throw new Error('the scan asked for what is not there');
      const bytes = await settled.read(offset, length);
      dataOf(this.shared).set(bytes);
      bytes.fill(0);
      Atomics.store(state, 0, GIVEN);
    } catch (error) {
      this.#failure ??= error;
      Atomics.store(state, 0, FAILED);
    }
    Atomics.notify(state, 0);
  }
}
