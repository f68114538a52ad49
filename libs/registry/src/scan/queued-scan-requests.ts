import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { scanQueue } from './scan-queue.js';
import { ScanRequests } from './scan-requests.js';

/** Scans asked for by way of the job queue. */
@Injectable()
export class QueuedScanRequests extends ScanRequests {
  constructor(private readonly queue: JobQueue) {
    super();
  }

  request(versionId: string): Promise<void> {
    return this.queue.enqueue(scanQueue, { versionId }, { once: versionId });
  }
}
