import { defineQueue, JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

/** Names the task; what is asked stays in its row. */
const PipelineMessage = z.object({ taskId: z.uuid() });
export type PipelineMessage = z.infer<typeof PipelineMessage>;

/** A queue of its own: a pipeline waits for tasks, and may not wait in front of them. */
export const pipelineQueue = defineQueue('pipeline', PipelineMessage);

/** Asks for a pipeline to be gone on with. Asking twice does no harm. */
@Injectable()
export abstract class PipelineRequests {
  abstract request(taskId: string): Promise<void>;
}

@Injectable()
export class QueuedPipelineRequests extends PipelineRequests {
  constructor(private readonly queue: JobQueue) {
    super();
  }

  request(taskId: string): Promise<void> {
    return this.queue.enqueue(pipelineQueue, { taskId }, { once: taskId });
  }
}
