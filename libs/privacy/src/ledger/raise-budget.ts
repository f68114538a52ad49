import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { BudgetLowering, BudgetRaise } from '@castellan/contracts';
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
 * Raises a limit that two people have signed for, or lowers one. The keybroker judges the signatures and keeps what it granted,
 * which counts from then on; only then is the ledger's own copy changed, with its event, in one transaction. What was spent stays spent.
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
      const change = granted.lowers === true ? 'lower' : 'raise';
      await this.ledger[change](tx, dataset.id, new GovernedLimits(known, raises));
      const terms = { state: 'done', progress: 100, finishedAt: new Date() } as const;
      const summary = { kind: granted.lowers === true ? 'lower' : 'budget' } as const;
      const moved = await this.tasks.move(tx, id, ['waiting'], { ...terms, summary });
      if (moved === undefined) throw taskSettled(state);
      await this.audit.append(tx, privacyEvents.budgetChanged(actor, dataset, id, granted));
      return moved;
    });
  }
}

/** Says no before anybody signs for nothing, and writes into a raise how many lowerings it knows of. */
@Injectable()
export class CheckRaise {
  constructor(private readonly limits: FindLimits) {}

  /** @throws raise_refused, accounting_differs */
  async execute<Body extends BudgetRaise | BudgetLowering>(
    datasetId: string,
    known: KnownDataset,
    wanted: Body,
  ): Promise<Body> {
    const limits = await this.limits.execute(datasetId, known);
    const { kind, share, deltaLimit } = wanted;
    const present = share.kind === 'dataset' ? limits : limits.of(share);
    if (present === undefined)
      throw refused(`The declaration sets no limit for each ${share.kind}, so there is none to change.`);
    const pico = limitIn(known.table.accounting, wanted) - present.limitPico;
    const atto = deltaLimit === undefined ? 0n : deltaLimitOf(deltaLimit) - present.limitAtto;
    if (pico === 0n && atto === 0n) throw refused('That is the limit already.');
    if (kind === 'budget' && (pico < 0n || atto < 0n))
      throw refused(
        'That would not raise it. Lowering a limit is asked for as such, and takes no signature.',
      );
    if (kind === 'lower' && (pico > 0n || atto > 0n))
      throw refused('That would not lower it. Raising a limit takes the signatures of two.');
    return kind === 'lower' ? wanted : { ...wanted, lowerings: limits.lowerings };
  }
}

function refused(publicDetail: string): PrivacyError {
  return new PrivacyError('raise_refused', { kind: 'invalid', publicDetail });
}
