import { type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { deltaText } from './atto-delta.js';
import { epsilonText } from './pico-epsilon.js';
import {
  PrivacyLedger,
  remainingDeltaOf,
  remainingOf,
  type BudgetFigures,
  type BudgetLimits,
  type ReleaseRow,
} from './privacy-ledger.js';

/** What somebody wants to learn from a dataset, and what that costs. */
export interface Charge {
  readonly dataset: DatasetRow;
  /** Of the dataset's document. */
  readonly limits: BudgetLimits;
  /** In words that people read in the ledger. */
  readonly question: string;
  /** SHA-256 over everything that the answer depends on: two with the same digest have the same answer. */
  readonly questionDigest: string;
  readonly costPico: bigint;
  readonly costAtto: bigint;
}

export type Admission =
  | { readonly outcome: 'answered'; readonly release: ReleaseRow }
  | { readonly outcome: 'under_way'; readonly entryId: string }
  | { readonly outcome: 'reserved'; readonly entryId: string }
  | { readonly outcome: 'exhausted'; readonly budget: BudgetFigures };

/** Decides whether something may be learnt: free when it was before, else for a charge that the budget holds. */
@Injectable()
export class AdmitCharge {
  constructor(
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
  ) {}

  /** Under the budget's lock, with the audit event in the same transaction. @throws ledger_inconsistent */
  async admit(tx: Tx, actor: Actor, charge: Charge): Promise<Admission> {
    const { dataset, limits, question, questionDigest, costPico, costAtto } = charge;
    const budget = await this.ledger.lock(tx, dataset.id, limits);
    const release = await this.ledger.released(tx, dataset.id, questionDigest);
    if (release) {
      const answered = { id: release.entryId, questionDigest };
      await this.audit.append(tx, privacyEvents.repeated(actor, dataset, answered));
      return { outcome: 'answered', release };
    }
    const underWay = await this.ledger.underWay(tx, dataset.id, questionDigest);
    if (underWay) {
      await this.audit.append(tx, privacyEvents.repeated(actor, dataset, underWay));
      return { outcome: 'under_way', entryId: underWay.id };
    }
    const { personId } = actor;
    const datasetId = dataset.id;
    const cost = { costPico, costAtto };
    const entry = await this.ledger.reserve(tx, { datasetId, personId, questionDigest, question, ...cost });
    if (entry === undefined) return { outcome: 'exhausted', budget };
    await this.audit.append(tx, privacyEvents.reserved(actor, dataset, entry));
    return { outcome: 'reserved', entryId: entry.id };
  }

  /** @throws budget_exhausted (kind exhausted: nothing was charged), after its event is durable */
  async refuse(actor: Actor, charge: Charge, budget: BudgetFigures): Promise<never> {
    const { dataset, question, costPico, costAtto } = charge;
    await this.audit.appendDurably(privacyEvents.refused(actor, dataset, question, charge, budget));
    if (costPico <= remainingOf(budget)) {
      const [cost, left] = [deltaText(costAtto), deltaText(remainingDeltaOf(budget))];
      throw exhausted(dataset, { delta: cost, remainingDelta: left }, `delta ${cost}`, left);
    }
    const [cost, left] = [epsilonText(costPico), epsilonText(remainingOf(budget))];
    throw exhausted(dataset, { cost, remaining: left }, `epsilon ${cost}`, left);
  }
}

function exhausted(
  { name }: DatasetRow,
  meta: Readonly<Record<string, string>>,
  cost: string,
  left: string,
): PrivacyError {
  return new PrivacyError('budget_exhausted', {
    kind: 'exhausted',
    publicDetail: `This question costs ${cost}; the budget of "${name}" has ${left} left. Nothing was charged.`,
    meta,
  });
}
