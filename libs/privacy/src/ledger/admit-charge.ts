import { type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { epsilonText } from './pico-epsilon.js';
import { PrivacyLedger, remainingOf, type ReleaseRow } from './privacy-ledger.js';

/** What somebody wants to learn from a dataset, and what that costs. */
export interface Charge {
  readonly dataset: DatasetRow;
  /** Of the dataset's document. */
  readonly limitPico: bigint;
  /** In words that people read in the ledger. */
  readonly question: string;
  /** SHA-256 over everything that the answer depends on: two with the same digest have the same answer. */
  readonly questionDigest: string;
  readonly costPico: bigint;
}

export type Admission =
  | { readonly outcome: 'answered'; readonly release: ReleaseRow }
  | { readonly outcome: 'under_way'; readonly entryId: string }
  | { readonly outcome: 'reserved'; readonly entryId: string }
  | { readonly outcome: 'exhausted'; readonly remainingPico: bigint };

/** Decides whether something may be learnt: free when it was before, else for a charge that the budget holds. */
@Injectable()
export class AdmitCharge {
  constructor(
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
  ) {}

  /** Under the budget's lock, with the audit event in the same transaction. @throws ledger_inconsistent */
  async admit(tx: Tx, actor: Actor, charge: Charge): Promise<Admission> {
    const { dataset, limitPico, question, questionDigest, costPico } = charge;
    const budget = await this.ledger.lock(tx, dataset.id, limitPico);
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
    const entry = await this.ledger.reserve(tx, { datasetId, personId, questionDigest, question, costPico });
    if (entry === undefined) return { outcome: 'exhausted', remainingPico: remainingOf(budget) };
    await this.audit.append(tx, privacyEvents.reserved(actor, dataset, entry));
    return { outcome: 'reserved', entryId: entry.id };
  }

  /** @throws budget_exhausted (kind exhausted: nothing was charged), after its event is durable */
  async refuse(actor: Actor, { dataset, question, costPico }: Charge, remaining: bigint): Promise<never> {
    await this.audit.appendDurably(privacyEvents.refused(actor, dataset, question, costPico, remaining));
    const [cost, left] = [epsilonText(costPico), epsilonText(remaining)];
    throw new PrivacyError('budget_exhausted', {
      kind: 'exhausted',
      publicDetail: `This question costs epsilon ${cost}; the budget of "${dataset.name}" has ${left} left. Nothing was charged.`,
      meta: { cost, remaining: left },
    });
  }
}
