import { createHash } from 'node:crypto';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ReconcileBudget as ReconcileRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { deltaChargeOf } from './atto-delta.js';
import { limitOf } from './pico-epsilon.js';
import { PrivacyLedger, remainingDeltaOf, remainingOf, type BudgetFigures } from './privacy-ledger.js';

const NOTHING = /^0+(\.0+)?$/;

/**
 * A ledger that came from a backup does not know what was answered since. Nobody can look that up here, so nothing is answered
 * until the steward has said, on the record, what was spent; "all" is what whoever can't know says. It is charged like a
 * question, and never given back.
 */
@Injectable()
export class ReconcileBudget {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
  ) {}

  /** @throws ledger_not_restored; budget_exhausted when more is said than was left: nothing changed */
  async execute(actor: Actor, dataset: DatasetRow, request: ReconcileRequest): Promise<void> {
    const { id: datasetId, projectId } = dataset;
    const figures = await this.ledger.figures(datasetId);
    const { restoredAt } = figures;
    if (restoredAt === null) throw notRestored(dataset);
    const cost = costOf(request, figures);
    const entry = {
      ...cost,
      datasetId,
      projectId,
      personId: actor.personId,
      questionDigest: createHash('sha256').update(`restored ${restoredAt.toISOString()}`).digest('hex'),
      question: `Spent before the restore of ${restoredAt.toISOString()}: ${request.reason}`,
      parts: [],
    };
    await this.database.transaction(async (tx) => {
      const reconciled = await this.ledger.reconcile(tx, entry);
      if (reconciled === false) throw notRestored(dataset);
      if (reconciled === undefined) throw tooMuch(dataset);
      const said = { reason: request.reason, restoredAt };
      await this.audit.append(tx, privacyEvents.reconciled(actor, dataset, cost, said));
    });
  }
}

function costOf({ epsilon, delta }: ReconcileRequest, figures: BudgetFigures) {
  const most = { costPico: remainingOf(figures), costAtto: remainingDeltaOf(figures) };
  return {
    costPico: epsilon === 'all' ? most.costPico : NOTHING.test(epsilon) ? 0n : limitOf(epsilon),
    costAtto:
      delta === 'all'
        ? most.costAtto
        : delta === undefined || NOTHING.test(delta)
          ? 0n
          : deltaChargeOf(delta),
  };
}

function notRestored({ name }: DatasetRow): PrivacyError {
  return new PrivacyError('ledger_not_restored', {
    kind: 'conflict',
    publicDetail: `The ledger of "${name}" is not from a backup, or has been reconciled.`,
  });
}

function tooMuch({ name }: DatasetRow): PrivacyError {
  return new PrivacyError('budget_exhausted', {
    kind: 'exhausted',
    publicDetail: `The budget of "${name}" had less left than that. Say "all".`,
  });
}
