import type { WorkerClient, WorkerState } from './worker-client.js';

/** What one worker last said, and is still held to. `undefined`: it has been silent for too long, or never spoke. */
export interface Observation {
  readonly worker: string;
  readonly states: readonly WorkerState[] | undefined;
}

/**
 * How long a silent worker's last word counts, in milliseconds. A worker that is busy loading answers late; one that is
 * gone fails each prediction by itself meanwhile. What may run is never read off here: the worker's lease decides.
 */
const BELIEVED_FOR_MS = 5_000;

/** All workers, watched. */
export class WorkerFleet {
  readonly #lastWords = new Map<string, { readonly at: number; readonly states: readonly WorkerState[] }>();

  constructor(
    private readonly client: WorkerClient,
    readonly addresses: readonly string[],
    private readonly now: () => number,
  ) {}

  /** Asks every worker once, all at the same time. Never rejects. */
  observe(): Promise<Observation[]> {
    return Promise.all(this.addresses.map((worker) => this.#observeOne(worker)));
  }

  async #observeOne(worker: string): Promise<Observation> {
    try {
      const states = await this.client.states(worker);
      this.#lastWords.set(worker, { at: this.now(), states });
      return { worker, states };
    } catch {
      const last = this.#lastWords.get(worker);
      const believed = last !== undefined && this.now() - last.at < BELIEVED_FOR_MS;
      return { worker, states: believed ? last.states : undefined };
    }
  }
}
