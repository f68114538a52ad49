import type { Reidentification } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { readRequest } from '../task/task-request.js';
import { TaskStore } from '../task/task-store.js';
import { reversibleMask } from './reidentify-values.js';

/** Says no before anybody signs for nothing. */
@Injectable()
export class CheckReidentification {
  constructor(private readonly tasks: TaskStore) {}

  /** @throws reidentification_refused */
  async execute(datasetId: string, { copy, column }: Reidentification): Promise<void> {
    const task = await this.tasks.byDigest(copy);
    const request = task === null ? undefined : readRequest(task.request);
    if (task?.datasetId !== datasetId || task.state !== 'done' || request?.body.kind !== 'mask')
      throw new PrivacyError('reidentification_refused', {
        kind: 'invalid',
        publicDetail: 'There is no masked copy of this dataset that was made for that request.',
      });
    reversibleMask(request.body, column);
  }
}
