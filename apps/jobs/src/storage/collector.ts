import { CollectGarbage, FindStrays } from '@castellan/registry';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

const intervalMs = 10 * 60_000;
/** Listing the whole store is for once a day, and for the start. */
const roundsPerListing = 144;

/** Collects abandoned uploads and blobs that nothing names, now and then. */
@Injectable()
export class Collector implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('jobs');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #rounds = 0;

  constructor(
    private readonly garbage: CollectGarbage,
    private readonly strays: FindStrays,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#collect());
    }, intervalMs);
    this.#round = this.#collect();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #collect(): Promise<void> {
    try {
      const strays = this.#rounds++ % roundsPerListing === 0 ? await this.strays.execute() : 0;
      const collected = { ...(await this.garbage.execute()), strays };
      if (Object.values(collected).some((count) => count > 0)) this.#logger.log(collected, 'collected');
    } catch (error) {
      this.#logger.warn(error, 'a round of the collector failed');
    }
  }
}
