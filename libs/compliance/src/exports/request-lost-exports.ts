import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { exportQueue } from './export-queue.js';
import { ExportStore } from './export-store.js';

/** Asks again for every export that is owed: a process may have died between recording it and asking. */
@Injectable()
export class RequestLostExports {
  constructor(
    private readonly exports: ExportStore,
    private readonly queue: JobQueue,
  ) {}

  async execute(): Promise<void> {
    for (const exportId of await this.exports.lost())
      await this.queue.enqueue(exportQueue, { exportId }, { once: exportId });
  }
}
