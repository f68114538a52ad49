import { CarryOutErasures } from '@castellan/access';
import { RequestLostTasks, SettleStaleEntries } from '@castellan/privacy';
import { RequestDueExpiries, RequestLostExports } from '@castellan/compliance';
import { RequestLostScans } from '@castellan/registry';
import { CarryOutDestructions, FinishLostKeyWork } from '@castellan/vault';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

const intervalMs = 5_000;

/**
 * Looks now and then for what a process that died left undone: scans still owed, ledger entries nobody settles, keys half
 * re-wrapped or half retired, what is due to be destroyed, and the names of people who were erased.
 */
@Injectable()
export class LostWork implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('jobs');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(
    private readonly scans: RequestLostScans,
    private readonly entries: SettleStaleEntries,
    private readonly keys: FinishLostKeyWork,
    private readonly tasks: RequestLostTasks,
    private readonly destructions: CarryOutDestructions,
    private readonly erasures: CarryOutErasures,
    private readonly exports: RequestLostExports,
    private readonly expiries: RequestDueExpiries,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#look());
    }, intervalMs);
    this.#round = this.#look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #look(): Promise<void> {
    const { scans, entries, keys, tasks, destructions, erasures, exports, expiries } = this;
    const works = [scans, entries, keys, tasks, destructions, erasures, exports, expiries];
    const outcomes = await Promise.allSettled(works.map((work) => work.execute()));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') this.#logger.warn(outcome.reason, 'a look for lost work failed');
    }
  }
}
