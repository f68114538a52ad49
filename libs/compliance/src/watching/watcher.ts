import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WatchLog } from './watch-log.js';
import { WatchMetrics } from './watch-metrics.js';

const idleMs = 1_000;

/** Keeps watching. It reads what is signed and holds up nobody: when it fails it says so and tries again. */
@Injectable()
export class Watcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('watching');
  readonly #stopping = new AbortController();
  #run: Promise<void> = Promise.resolve();

  constructor(
    private readonly watch: WatchLog,
    private readonly metrics: WatchMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.#run = this.#watching();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#run;
  }

  async #watching(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const left = await this.#round();
      if (left === 0) await sleep(idleMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns leaves that are left to look at */
  async #round(): Promise<number> {
    try {
      const { behind, raised } = await this.watch.round();
      this.metrics.tell(behind, raised);
      for (const rule of raised) this.#logger.warn(`an alarm was raised: ${rule}`);
      return behind;
    } catch (error) {
      this.#logger.warn(error, 'watching failed');
      return 0;
    }
  }
}
