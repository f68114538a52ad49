import { systemClock } from '@castellan/audit';
import type { Database, Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { expiryCandidates, type ExpiryCandidate } from './expiry-candidates.js';
import { HoldStore } from './hold-store.js';
import { RetentionMinima } from './retention-minima.js';
import { RetentionPeriod } from './retention-period.js';
import { RetentionStore } from './retention-store.js';

/** What is due, by what is set and held now. */
@Injectable()
export class ExpiryRules {
  constructor(
    private readonly retention: RetentionStore,
    private readonly holds: HoldStore,
    private readonly minima: RetentionMinima,
  ) {}

  async candidates(
    queries: Database['client'] | Tx,
    scope: string,
    window: { readonly begin: number; readonly end: number },
  ): Promise<ExpiryCandidate[]> {
    const period = new RetentionPeriod(await this.retention.days(scope), this.minima.days, systemClock.now());
    return expiryCandidates(queries, scope, window, {
      period,
      holds: await this.holds.holding(queries, scope),
    });
  }

  /** Of these leaves those that are due and not held, until the transaction ends. */
  async stillDue(tx: Tx, scope: string, indexes: readonly number[]): Promise<number[]> {
    await this.holds.takeTurn(tx);
    const [begin = 0, last = -1] = [indexes[0], indexes.at(-1)];
    const due = await this.candidates(tx, scope, { begin, end: last + 1 });
    const announced = new Set(indexes);
    return due.filter(({ index, held }) => !held && announced.has(index)).map(({ index }) => index);
  }
}
