import { defineQueue, JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

/** Names the ledger entry; what is wanted stays in its row. */
const TrainMessage = z.object({ entryId: z.uuid() });
export type TrainMessage = z.infer<typeof TrainMessage>;

/** A queue of their own, so that questions never wait for a training. */
export const trainQueue = defineQueue('train', TrainMessage);

/** Asks for a reserved training. Asking twice, or for one that is settled already, does no harm. */
@Injectable()
export abstract class TrainingRequests {
  abstract request(entryId: string): Promise<void>;
}

@Injectable()
export class QueuedTrainingRequests extends TrainingRequests {
  constructor(private readonly queue: JobQueue) {
    super();
  }

  request(entryId: string): Promise<void> {
    return this.queue.enqueue(trainQueue, { entryId }, { once: entryId });
  }
}
