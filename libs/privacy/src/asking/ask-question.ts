import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { Answer, AskQuestion as AskQuestionRequest } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { chargeOf, epsilonText } from '../ledger/pico-epsilon.js';
import { PrivacyLedger, remainingOf } from '../ledger/privacy-ledger.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { AnswerWatch } from './answer-watch.js';
import { MeasurementRequests } from './measurement-requests.js';
import { prepareQuestion, type PreparedQuestion } from './prepare-question.js';
import { showAnswer } from './show-answer.js';
import { readStoredAnswer, type StoredAnswer } from './stored-answer.js';

/** How a question was admitted. */
type Admission =
  | { readonly outcome: 'answered'; readonly entryId: string; readonly answer: StoredAnswer }
  | { readonly outcome: 'under_way'; readonly entryId: string }
  | { readonly outcome: 'reserved'; readonly entryId: string }
  | { readonly outcome: 'exhausted'; readonly remainingPico: bigint };

/**
 * Asks a protected dataset. The same question of the same data gets the stored answer at no cost; one that is being
 * measured for somebody else is waited for; any other is charged before the data are touched.
 */
@Injectable()
export class AskQuestion {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
    private readonly requests: MeasurementRequests,
    private readonly watch: AnswerWatch,
  ) {}

  /**
   * @throws epsilon_malformed, epsilon_out_of_range, question_malformed, question_refused, dataset_not_sealed,
   * budget_exhausted (kind exhausted: nothing was charged), and what `AnswerWatch` throws
   */
  async execute(actor: Actor, dataset: DatasetRow, { sql, epsilon }: AskQuestionRequest): Promise<Answer> {
    const prepared = await prepareQuestion(dataset, sql, chargeOf(epsilon));
    const admission = await this.database.transaction((tx) => this.admit(tx, actor, prepared));
    switch (admission.outcome) {
      case 'exhausted':
        return this.refuse(actor, prepared, admission.remainingPico);
      case 'answered':
        return showAnswer(prepared, admission.answer, { entryId: admission.entryId, chargedPico: 0n });
      case 'under_way':
      case 'reserved': {
        const { entryId } = admission;
        await this.requests.request(entryId);
        const chargedPico = admission.outcome === 'reserved' ? prepared.plan.chargePico : 0n;
        return showAnswer(prepared, await this.watch.wait(entryId), { entryId, chargedPico });
      }
    }
  }

  private async admit(
    tx: Tx,
    actor: Actor,
    { dataset, known, plan, text, digest }: PreparedQuestion,
  ): Promise<Admission> {
    const budget = await this.ledger.lock(tx, dataset.id, known.limitPico);
    const released = await this.ledger.released(tx, dataset.id, digest);
    if (released) {
      await this.audit.append(
        tx,
        privacyEvents.repeated(actor, dataset, { id: released.entryId, questionDigest: digest }),
      );
      return { outcome: 'answered', entryId: released.entryId, answer: readStoredAnswer(released.answer) };
    }
    const underWay = await this.ledger.underWay(tx, dataset.id, digest);
    if (underWay) {
      await this.audit.append(tx, privacyEvents.repeated(actor, dataset, underWay));
      return { outcome: 'under_way', entryId: underWay.id };
    }
    const entry = await this.ledger.reserve(tx, {
      datasetId: dataset.id,
      personId: actor.personId,
      questionDigest: digest,
      question: text,
      costPico: plan.chargePico,
    });
    if (entry === undefined) return { outcome: 'exhausted', remainingPico: remainingOf(budget) };
    await this.audit.append(tx, privacyEvents.reserved(actor, dataset, entry));
    return { outcome: 'reserved', entryId: entry.id };
  }

  private async refuse(
    actor: Actor,
    { dataset, plan, text }: PreparedQuestion,
    remaining: bigint,
  ): Promise<never> {
    await this.audit.appendDurably(privacyEvents.refused(actor, dataset, text, plan.chargePico, remaining));
    const [cost, left] = [epsilonText(plan.chargePico), epsilonText(remaining)];
    throw new PrivacyError('budget_exhausted', {
      kind: 'exhausted',
      publicDetail: `This question costs epsilon ${cost}; the budget of "${dataset.name}" has ${left} left. Nothing was charged.`,
      meta: { cost, remaining: left },
    });
  }
}
