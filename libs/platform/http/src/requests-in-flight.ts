import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const lookAgainMs = 10;

/** Counts the requests that were taken and not answered yet. */
export class RequestsInFlight {
  #count = 0;

  constructor(fastify: Pick<FastifyInstance, 'addHook'>) {
    fastify.addHook('onRequest', async () => {
      this.#count += 1;
    });
    // Comes for every request, also for one whose caller has gone.
    fastify.addHook('onResponse', async () => {
      this.#count -= 1;
    });
  }

  /** Resolves when none is left, or after `timeoutMs`. */
  async finished(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#count > 0 && performance.now() < deadline) await sleep(lookAgainMs);
  }
}
