/**
 * Turns many small writes into few: while one batch is being committed, the next gathers. A write waits for at most two
 * commits, and under load the cost of a commit is shared by all that came meanwhile.
 *
 * A write's promise resolves when its batch is durable, and rejects with the batch's failure. After a failure that
 * happened during commit the write may be durable all the same; whoever retries must be idempotent.
 */
export class GroupCommit<Item> {
  #waiting: { item: Item; resolve: () => void; reject: (reason: unknown) => void }[] = [];
  #committing = false;

  constructor(
    /** Makes all of the items durable, or none. */
    private readonly commit: (items: readonly Item[]) => Promise<void>,
    private readonly maxBatch: number,
  ) {}

  /** Items not yet durable: a measure of how far writers are ahead of the disk. */
  get pending(): number {
    return this.#waiting.length;
  }

  write(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#committing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#committing = true;
    // Writes made in the same turn of the event loop share the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.maxBatch);
      try {
        await this.commit(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#committing = false;
  }
}
