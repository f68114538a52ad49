import { CastellanError } from '@castellan/errors';
import { type JobContext, type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { type ExpiryMessage, expiryQueue } from './expiry-queue.js';
import { ExpiryRunStore } from './expiry-run-store.js';
import { RunExpiry } from './run-expiry.js';

@Processes(expiryQueue)
@Injectable()
export class ExpiryProcessor implements JobProcessor<ExpiryMessage> {
  constructor(
    private readonly runExpiry: RunExpiry,
    private readonly runs: ExpiryRunStore,
  ) {}

  async process({ runId }: ExpiryMessage, { attempt, signal }: JobContext): Promise<void> {
    try {
      await this.runExpiry.execute(runId, signal);
    } catch (error) {
      if (attempt >= expiryQueue.attempts && !signal.aborted)
        await this.runs.fail(
          runId,
          error instanceof CastellanError ? error.publicDetail : 'It broke off; the log of jobs says why.',
        );
      throw error;
    }
  }
}
