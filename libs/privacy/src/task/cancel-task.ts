import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from './task-events.js';
import { TaskStore, type TaskRow } from './task-store.js';

/** Ends a task that has not ended. What a process is making of it at the moment is thrown away. */
@Injectable()
export class CancelTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws task_settled */
  execute(actor: Actor, { id, state }: TaskRow): Promise<TaskRow> {
    return this.database.transaction(async (tx) => {
      const cancelled = await this.tasks.cancel(tx, id);
      if (cancelled === undefined)
        throw new PrivacyError('task_settled', {
          kind: 'conflict',
          publicDetail: `The task is ${state}: there is nothing to cancel.`,
        });
      await this.audit.append(tx, taskEvents.cancelled(actor, cancelled));
      return cancelled;
    });
  }
}
