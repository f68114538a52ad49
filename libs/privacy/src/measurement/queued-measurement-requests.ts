import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { measureQueue } from './measure-queue.js';

/** Measurements asked for by way of the job queue. */
@Injectable()
export class QueuedMeasurementRequests extends MeasurementRequests {
  constructor(private readonly queue: JobQueue) {
    super();
  }

  request(entryId: string): Promise<void> {
    return this.queue.enqueue(measureQueue, { entryId }, { once: entryId });
  }
}
