const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const STEADY_AFTER_MS = 30_000;

/** How long to wait before a process that died is started again: twice as long each time, from the start once it held. */
export class Backoff {
  #failures = 0;

  /** Failures since it last held for a while. */
  get failures(): number {
    return this.#failures;
  }

  afterRunOf(ranMs: number): number {
    if (ranMs >= STEADY_AFTER_MS) this.#failures = 0;
    this.#failures += 1;
    return Math.min(FIRST_MS * 2 ** (this.#failures - 1), LONGEST_MS);
  }
}
