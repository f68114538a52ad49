import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import type { Answer, AskQuestion as AskQuestionRequest } from '@castellan/contracts';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { AdmitCharge, type Charge } from '../ledger/admit-charge.js';
import { shownFrom } from '../ledger/answer-tick.js';
import { AnswerWatch } from './answer-watch.js';
import { MeasurementRequests } from './measurement-requests.js';
import { offeredQuestion, type PreparedQuestion } from './prepare-question.js';
import { showAnswer } from './show-answer.js';
import { readStoredAnswer } from './stored-answer.js';

/**
 * Asks a protected dataset. The same question of the same data gets the stored answer at no cost; one that is being
 * measured for somebody else is waited for; any other is charged before the data are touched.
 */
@Injectable()
export class AskQuestion {
  constructor(
    private readonly charges: AdmitCharge,
    private readonly requests: MeasurementRequests,
    private readonly watch: AnswerWatch,
  ) {}

  /**
   * @throws accounting_differs, epsilon_malformed, epsilon_out_of_range, question_malformed, question_refused, dataset_not_sealed,
   * what `AdmitCharge` throws (budget_exhausted: nothing was charged), and what `AnswerWatch` throws
   */
  async execute(
    actor: Actor,
    dataset: DatasetRow,
    { sql, project, ...offered }: AskQuestionRequest,
  ): Promise<Answer> {
    const prepared = await offeredQuestion(dataset, sql, offered);
    const { answerTickMs } = prepared.known.table;
    const admission = await this.charges.execute(actor, { ...chargeFor(prepared), project });
    switch (admission.outcome) {
      case 'answered': {
        const { entryId, answer, entry } = admission.release;
        const answeredAt = shownFrom(entry, answerTickMs) ?? entry.createdAt;
        const stored = readStoredAnswer(answer);
        return showAnswer(prepared, { stored, answeredAt }, { entryId, chargedPico: 0n });
      }
      case 'under_way':
      case 'reserved': {
        const { entryId } = admission;
        await this.requests.request(entryId);
        const chargedPico = admission.outcome === 'reserved' ? prepared.plan.charge.costPico : 0n;
        const shown = await this.watch.wait(entryId, prepared.known.table);
        return showAnswer(prepared, shown, { entryId, chargedPico });
      }
    }
  }
}

function chargeFor({ dataset, known, plan, parts, text, digest }: PreparedQuestion): Charge {
  const shownEveryMs = known.table.answerTickMs;
  return { dataset, known, question: text, questionDigest: digest, parts, shownEveryMs, ...plan.charge };
}
