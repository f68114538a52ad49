import type { FastifyInstance } from 'fastify';

/** Counts the requests that were taken and are neither answered nor abandoned by their callers. */
export class RequestsInFlight {
  #count = 0;
  #noneLeft: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(fastify: Pick<FastifyInstance, 'addHook'>) {
    fastify.addHook('onRequest', async (_request, reply) => {
      this.#count += 1;
      // `onResponse` never comes for a request whose connection was cut before its answer.
      reply.raw.once('close', () => this.#over());
    });
  }

  /** Resolves when none is left. */
  async finished(): Promise<void> {
    if (this.#count > 0) await this.#noneLeft.promise;
  }

  #over(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#noneLeft.resolve();
    this.#noneLeft = Promise.withResolvers();
  }
}
