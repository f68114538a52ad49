import { CastellanError } from '@castellan/errors';
import { type JobContext, type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { type ExportMessage, exportQueue } from './export-queue.js';
import { ExportStore } from './export-store.js';
import { RunExport } from './run-export.js';

@Processes(exportQueue)
@Injectable()
export class ExportProcessor implements JobProcessor<ExportMessage> {
  constructor(
    private readonly runExport: RunExport,
    private readonly exports: ExportStore,
  ) {}

  async process({ exportId }: ExportMessage, { attempt, signal }: JobContext): Promise<void> {
    try {
      await this.runExport.execute(exportId, signal);
    } catch (error) {
      if (attempt >= exportQueue.attempts && !signal.aborted)
        await this.exports.fail(
          exportId,
          error instanceof CastellanError ? error.publicDetail : 'It broke off; the log of jobs says why.',
        );
      throw error;
    }
  }
}
