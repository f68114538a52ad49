import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { DataEvaluation } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { RaiseBudget } from '../ledger/raise-budget.js';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from './task-events.js';
import { TaskRequests } from './task-requests.js';
import { taskSettled } from './task-settled.js';
import { TaskStore, type TaskRow } from './task-store.js';

/**
 * Where the signatures on a request stand, and letting work begin that had to be signed. The keybroker is asked whether the
 * signatures suffice, so that nobody waits in vain; it judges again when the key is asked for, and that judgement is the one
 * that counts. A limit is changed at once: there is no work to do.
 */
@Injectable()
export class ReviewTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly keybroker: KeybrokerClient,
    private readonly requests: TaskRequests,
    private readonly raiseBudget: RaiseBudget,
    private readonly audit: AuditLog,
  ) {}

  evaluate({ id }: TaskRow): Promise<DataEvaluation> {
    return this.keybroker.evaluateData(id);
  }

  /** @throws approvals_missing, with the reasons; task_settled */
  async start(actor: Actor, task: TaskRow): Promise<TaskRow> {
    const { id, state, kind } = task;
    const { allowed, reasons } = await this.keybroker.evaluateData(id);
    if (!allowed)
      throw new PrivacyError('approvals_missing', {
        kind: 'forbidden',
        publicDetail: reasons.map(({ detail }) => detail).join(' '),
        meta: { reasons },
      });
    if (kind === 'budget' || kind === 'lower') return this.raiseBudget.execute(actor, task);
    const started = await this.database.transaction(async (tx) => {
      const terms = { state: 'queued', failure: null, failureDetail: null } as const;
      const moved = await this.tasks.move(tx, id, ['waiting'], terms);
      if (moved === undefined) throw taskSettled(state);
      await this.audit.append(tx, taskEvents.started(actor, moved));
      return moved;
    });
    await this.requests.request(id);
    return started;
  }
}
