import { Injectable } from '@nestjs/common';
import type { AskQuestion, QueryPrice } from '@castellan/contracts';
import { Database } from '@castellan/database';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { lossText } from '../ledger/accounting.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { deltaText } from '../ledger/atto-delta.js';
import { remainingFor } from '../ledger/admit-charge.js';
import { isShown } from '../ledger/answer-tick.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { describeColumns, describeSelection } from './describe-columns.js';
import { offeredQuestion } from './prepare-question.js';

/** Says what a question would cost and how noisy its answer would be. Touches no data and costs nothing. */
@Injectable()
export class PriceQuestion {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
  ) {}

  /** @throws what `offeredQuestion` throws */
  async execute(dataset: DatasetRow, { sql, ...offered }: AskQuestion): Promise<QueryPrice> {
    const { plan, digest, parts, known } = await offeredQuestion(dataset, sql, offered);
    const [figures, used, released] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.parts(this.database.client, dataset.id),
      this.ledger.released(this.database.client, dataset.id, digest),
    ]);
    const free = released !== null && isShown(released.entry, known.table.answerTickMs, new Date());
    const remaining = remainingFor(figures, used, parts);
    const values = known.table.partedBy?.values ?? [];
    return {
      ...lossText(plan.table.accounting, free ? 0n : plan.charge.costPico),
      remaining: epsilonText(remaining.costPico),
      ...(plan.selection === undefined
        ? {}
        : {
            delta: deltaText(free ? 0n : plan.charge.costAtto),
            remainingDelta: deltaText(remaining.costAtto),
          }),
      ...(parts.length === 0 ? {} : { parts: parts.map((part) => values[part] ?? '') }),
      columns: describeColumns(plan),
      ...describeSelection(plan),
      free,
    };
  }
}
