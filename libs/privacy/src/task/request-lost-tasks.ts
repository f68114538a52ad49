import { Injectable } from '@nestjs/common';
import { TaskRequests } from './task-requests.js';
import { TaskStore } from './task-store.js';

const PATIENCE_MS = 30_000;

/** Asks again for tasks whose process died, or whose request was lost. Work on a task can be begun again at any time. */
@Injectable()
export class RequestLostTasks {
  constructor(
    private readonly tasks: TaskStore,
    private readonly requests: TaskRequests,
  ) {}

  async execute(patienceMs = PATIENCE_MS, now = new Date()): Promise<void> {
    for (const id of await this.tasks.untouched(new Date(now.getTime() - patienceMs)))
      await this.requests.request(id);
  }
}
