import { type Actor, requireAbility, visible } from '@castellan/access';
import { Injectable } from '@nestjs/common';
import { FindDataset } from '../dataset/find-dataset.js';
import { PrivacyError } from '../privacy-error.js';
import { type TaskRow, TaskStore } from './task-store.js';

/** The task that a path names, for somebody who may do `action` with it. */
@Injectable()
export class FindTask {
  constructor(
    private readonly datasets: FindDataset,
    private readonly tasks: TaskStore,
  ) {}

  /** @throws dataset_unknown, task_unknown, not_permitted */
  async execute(actor: Actor, dataset: string, id: string, action = 'read'): Promise<TaskRow> {
    const { id: datasetId } = await this.datasets.execute(actor, dataset);
    const task = await this.tasks.visible(visible(actor, 'DatasetTask'), datasetId, id);
    if (task === null)
      throw new PrivacyError('task_unknown', {
        kind: 'not_found',
        publicDetail: `There is no task ${JSON.stringify(id)} on this dataset.`,
      });
    requireAbility(actor, action, 'DatasetTask', task);
    return task;
  }
}
