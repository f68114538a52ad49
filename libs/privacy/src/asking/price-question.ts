import { Injectable } from '@nestjs/common';
import type { AskQuestion, QueryPrice } from '@castellan/contracts';
import { Database } from '@castellan/database';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { deltaText } from '../ledger/atto-delta.js';
import { PrivacyLedger, remainingDeltaOf, remainingOf } from '../ledger/privacy-ledger.js';
import { offeredCharge } from './offered-charge.js';
import { describeColumns, describeSelection } from './describe-columns.js';
import { prepareQuestion } from './prepare-question.js';

/** Says what a question would cost and how noisy its answer would be. Touches no data and costs nothing. */
@Injectable()
export class PriceQuestion {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
  ) {}

  /** @throws what `prepareQuestion` and `chargeOf` throw */
  async execute(dataset: DatasetRow, { sql, epsilon, delta }: AskQuestion): Promise<QueryPrice> {
    const { plan, digest } = await prepareQuestion(dataset, sql, offeredCharge(epsilon, delta));
    const [figures, released] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.released(this.database.client, dataset.id, digest),
    ]);
    return {
      epsilon: epsilonText(released ? 0n : plan.charge.costPico),
      remaining: epsilonText(remainingOf(figures)),
      ...(plan.selection === undefined
        ? {}
        : {
            delta: deltaText(released ? 0n : plan.charge.costAtto),
            remainingDelta: deltaText(remainingDeltaOf(figures)),
          }),
      columns: describeColumns(plan),
      ...describeSelection(plan),
      free: released !== null,
    };
  }
}
