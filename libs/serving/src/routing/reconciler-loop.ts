import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Reconciler } from './reconciler.js';

/** Keeps the reconciler going round while the process runs. */
@Injectable()
export class ReconcilerLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(private readonly reconciler: Reconciler) {}

  onApplicationBootstrap(): void {
    this.#ended = this.reconciler.run(this.#stop.signal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

/** For faults that come round with every round: each is said once, until another one comes. */
export class FaultLog {
  readonly #logger = new Logger('reconciler');
  #last = '';

  readonly tell = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#last) return;
    this.#last = text;
    this.#logger.warn(text);
  };
}
