import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { taskQueue } from './task-queue.js';
import { TaskRequests } from './task-requests.js';

/** Work asked for by way of the job queue. */
@Injectable()
export class QueuedTaskRequests extends TaskRequests {
  constructor(private readonly queue: JobQueue) {
    super();
  }

  request(taskId: string): Promise<void> {
    return this.queue.enqueue(taskQueue, { taskId }, { once: taskId });
  }
}
