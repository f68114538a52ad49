import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { BudgetRaise } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { readDocument, type KnownDataset } from '../dataset/dataset-document.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { taskSettled } from '../task/task-settled.js';
import { TaskStore, type TaskRow } from '../task/task-store.js';
import { limitIn } from './accounting.js';
import { deltaLimitOf } from './atto-delta.js';
import { FindLimits, GovernedLimits } from './governed-limits.js';
import { PrivacyLedger } from './privacy-ledger.js';

/**
 * Raises a limit that two people have signed for. The keybroker judges the signatures and keeps what it granted; only then
 * is the ledger's own copy raised, with its event, in one transaction. What was spent stays spent.
 */
@Injectable()
export class RaiseBudget {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly keybroker: KeybrokerClient,
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
  ) {}

  /** @throws release_refused, with the reasons; task_settled */
  async execute(actor: Actor, { id, state, dataset }: TaskRow): Promise<TaskRow> {
    if (state !== 'waiting') throw taskSettled(state);
    const granted = await this.keybroker.raiseBudget(id);
    const known = readDocument(dataset);
    const raises = await this.keybroker.budgetRaises(dataset.id, known.digest);
    return this.database.transaction(async (tx) => {
      await this.ledger.raise(tx, dataset.id, new GovernedLimits(known, raises));
      const terms = { state: 'done', progress: 100, finishedAt: new Date() } as const;
      const moved = await this.tasks.move(tx, id, ['waiting'], { ...terms, summary: { kind: 'budget' } });
      if (moved === undefined) throw taskSettled(state);
      await this.audit.append(tx, privacyEvents.budgetRaised(actor, dataset, id, granted));
      return moved;
    });
  }
}

/** Says no before anybody signs for nothing. */
@Injectable()
export class CheckRaise {
  constructor(private readonly limits: FindLimits) {}

  /** @throws raise_refused, accounting_differs */
  async execute(datasetId: string, known: KnownDataset, raise: BudgetRaise): Promise<void> {
    const limits = await this.limits.execute(datasetId, known);
    const { share, deltaLimit } = raise;
    const present = share.kind === 'dataset' ? limits : limits.of(share);
    if (present === undefined)
      throw refused(`The declaration sets no limit for each ${share.kind}, so there is none to raise.`);
    const [pico, atto] = [limitIn(known.table.accounting, raise), deltaLimitOf(deltaLimit)];
    if (pico < present.limitPico || (deltaLimit !== undefined && atto < present.limitAtto))
      throw refused('A limit can only be raised: what it is now may have been counted on.');
    if (pico === present.limitPico && (deltaLimit === undefined || atto === present.limitAtto))
      throw refused('That is the limit already.');
  }
}

function refused(publicDetail: string): PrivacyError {
  return new PrivacyError('raise_refused', { kind: 'invalid', publicDetail });
}
