import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ForwardEvents } from './forward-events.js';
import { TargetStore } from './target-store.js';

const intervalMs = 500;

/** Keeps every target supplied. Each has a run of its own, so that one that hangs holds up no other. */
@Injectable()
export class Forwarder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('forwarding');
  readonly #stopping = new AbortController();
  readonly #busy = new Map<string, Promise<void>>();
  #round: Promise<void> = Promise.resolve();

  constructor(
    private readonly targets: TargetStore,
    private readonly forward: ForwardEvents,
  ) {}

  onApplicationBootstrap(): void {
    this.#round = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#round;
    await Promise.all(this.#busy.values());
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const running = await this.targets.running().catch((error: unknown) => this.#told(error) ?? []);
      for (const id of running.filter((each) => !this.#busy.has(each))) {
        const work = this.#supply(id).finally(() => this.#busy.delete(id));
        this.#busy.set(id, work);
      }
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #supply(id: string): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted && (await this.forward.execute(id)));
    } catch (error) {
      this.#told(error);
    }
  }

  #told(error: unknown): undefined {
    this.#logger.warn(error, 'forwarding failed');
  }
}
