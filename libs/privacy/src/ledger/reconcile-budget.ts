import { createHash } from 'node:crypto';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ReconcileBudget as ReconcileRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { limitIn, type Accounting, type Offered } from './accounting.js';
import { deltaChargeOf } from './atto-delta.js';
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
    const cost = costOf(readDocument(dataset).table.accounting, request, figures);
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

function costOf(accounting: Accounting, { epsilon, rho, delta }: ReconcileRequest, figures: BudgetFigures) {
  const most = { costPico: remainingOf(figures), costAtto: remainingDeltaOf(figures) };
  return {
    costPico: spentIn(accounting, { epsilon, rho }) ?? most.costPico,
    costAtto:
      delta === 'all'
        ? most.costAtto
        : delta === undefined || NOTHING.test(delta)
          ? 0n
          : deltaChargeOf(delta),
  };
}

/** Undefined: all that is left. */
function spentIn(accounting: Accounting, { epsilon, rho }: Offered): bigint | undefined {
  const said = epsilon ?? rho ?? '';
  if (said === 'all') return undefined;
  return NOTHING.test(said) ? 0n : limitIn(accounting, { epsilonLimit: epsilon, rhoLimit: rho });
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
