import { Injectable } from '@nestjs/common';

/** Something that is being appended, which can be told to make do with what it has. */
export interface Append {
  stop(): void;
  readonly finished: Promise<unknown>;
}

/**
 * Who is appending to what, in this process. A sender whose connection broke comes back before the old connection is known
 * to be dead; it takes over. Between processes, and in any case, the recorded offset decides: an append that doesn't begin
 * where the last one ended is refused when it is recorded.
 */
@Injectable()
export class AppendsInProgress {
  readonly #appends = new Map<string, Append>();

  /** Ends whoever is appending to this upload, waits until what it had is recorded, and takes its place. */
  async takeOver(uploadId: string, append: Append): Promise<void> {
    const before = this.#appends.get(uploadId);
    this.#appends.set(uploadId, append);
    void append.finished
      .catch(() => undefined)
      .then(() => {
        if (this.#appends.get(uploadId) === append) this.#appends.delete(uploadId);
      });
    before?.stop();
    await before?.finished.catch(() => undefined);
  }
}
