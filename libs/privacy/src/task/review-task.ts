import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { DataEvaluation } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from './task-events.js';
import { TaskRequests } from './task-requests.js';
import { TaskStore, type TaskRow } from './task-store.js';

/**
 * Where the signatures on a request stand, and letting work begin that had to be signed. The keybroker is asked whether the signatures suffice, so that nobody waits in vain;
 * it judges again when the key is asked for, and that judgement is the one that counts.
 */
@Injectable()
export class ReviewTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly keybroker: KeybrokerClient,
    private readonly requests: TaskRequests,
    private readonly audit: AuditLog,
  ) {}

  evaluate({ id }: TaskRow): Promise<DataEvaluation> {
    return this.keybroker.evaluateData(id);
  }

  /** @throws approvals_missing, with the reasons; task_settled */
  async start(actor: Actor, { id, state }: TaskRow): Promise<TaskRow> {
    const { allowed, reasons } = await this.keybroker.evaluateData(id);
    if (!allowed)
      throw new PrivacyError('approvals_missing', {
        kind: 'forbidden',
        publicDetail: reasons.map(({ detail }) => detail).join(' '),
        meta: { reasons },
      });
    const started = await this.database.transaction(async (tx) => {
      const terms = { state: 'queued', failure: null, failureDetail: null } as const;
      const moved = await this.tasks.move(tx, id, ['waiting'], terms);
      if (moved === undefined)
        throw new PrivacyError('task_settled', {
          kind: 'conflict',
          publicDetail: `The task is ${state}: it does not wait for anybody.`,
        });
      await this.audit.append(tx, taskEvents.started(actor, moved));
      return moved;
    });
    await this.requests.request(id);
    return started;
  }
}
