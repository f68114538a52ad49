import { PrivacyError } from '../privacy-error.js';

const LOOK_EVERY_MS = 1_000;

/** Tells how far work has come, and stops it when the task was cancelled. Looks at the clock, not at every row. */
export class TaskProgress {
  #passedBytes = 0;
  #rows = 0;
  #lookedAt = Date.now();

  /** `touch` records hundredths; false when the task does not run any more. */
  constructor(
    private readonly totalBytes: number,
    private readonly touch: (progress: number) => Promise<boolean>,
  ) {}

  /** @throws task_cancelled */
  async passed(record: readonly string[]): Promise<void> {
    for (const field of record) this.#passedBytes += field.length + 1;
    if (++this.#rows % 256 !== 0 || Date.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = Date.now();
    // Characters stand for bytes: an estimate, which the end does not wait for.
    const progress = Math.min(99, Math.floor((100 * this.#passedBytes) / Math.max(1, this.totalBytes)));
    if (!(await this.touch(progress))) throw cancelled();
  }
}

function cancelled(): PrivacyError {
  return new PrivacyError('task_cancelled', { kind: 'conflict', publicDetail: 'The task was cancelled.' });
}
