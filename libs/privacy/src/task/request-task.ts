import { type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { DataRequestBody } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { taskEvents } from './task-events.js';
import { writeRequest } from './task-request.js';
import { TaskRequests } from './task-requests.js';
import { TaskStore, type TaskRow } from './task-store.js';

/** Asks for work on a protected table. */
@Injectable()
export class RequestTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly requests: TaskRequests,
    private readonly audit: AuditLog,
  ) {}

  /** @throws dataset_not_sealed */
  async execute(actor: Actor, dataset: DatasetRow, body: DataRequestBody): Promise<TaskRow> {
    const { text, digest } = writeRequest(actor, dataset, readDocument(dataset), body, new Date());
    const task = await this.database.transaction(async (tx) => {
      const task = await this.tasks.create(tx, {
        datasetId: dataset.id,
        kind: body.kind,
        request: text,
        digest,
        requestedById: actor.personId,
        requestedByName: actor.name,
        state: 'queued',
      });
      await this.audit.append(tx, taskEvents.requested(actor, task));
      return task;
    });
    await this.requests.request(task.id);
    return task;
  }
}
