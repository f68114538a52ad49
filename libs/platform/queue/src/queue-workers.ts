import { CastellanError, type ErrorKind } from '@castellan/errors';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Job, Worker } from 'bullmq';
import { messageInvalid } from './bullmq-job-queue.js';
import { processesKey, type JobProcessor, type Processing } from './processes.js';
import type { QueueBackend } from './queue-backend.js';

/**
 * How soon a job of a process that died is given to another: after at most both together. A job that keeps its process busy
 * for longer than the lock without a pause may be run a second time at once, as "at least once" allows.
 */
const recovery = { lockDuration: 10_000, stalledInterval: 5_000 };

export const queueBackendToken = Symbol('queue backend');

/** Kinds that waiting doesn't change. */
const final: readonly ErrorKind[] = ['invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'];

/** Runs the processors that the application provides: from its start until its shutdown has waited for the last job. */
@Injectable()
export class QueueWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #workers: Worker[] = [];
  readonly #stopping = new AbortController();
  readonly #logger = new Logger('queue');

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(queueBackendToken) private readonly backend: QueueBackend,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const { metatype, instance } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function') continue;
      const processing: Processing | undefined = Reflect.getMetadata(processesKey, metatype);
      if (processing !== undefined) this.#start(processing, instance);
    }
    await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  #start({ queue, concurrency = 1 }: Processing, processor: JobProcessor<unknown>): void {
    const run = async (job: Job, _token?: string, lost?: AbortSignal): Promise<void> => {
      const message = queue.schema.safeParse(job.data);
      if (!message.success) throw this.backend.unrecoverable(messageInvalid(queue.name, message.error));
      const signal = AbortSignal.any([this.#stopping.signal, ...(lost === undefined ? [] : [lost])]);
      try {
        await processor.process(message.data, {
          jobId: job.id ?? '',
          attempt: job.attemptsMade + 1,
          signal,
        });
      } catch (error) {
        throw error instanceof CastellanError && final.includes(error.kind)
          ? this.backend.unrecoverable(error)
          : error;
      }
    };
    const worker = this.backend.worker(queue.name, run, { concurrency, ...recovery });
    worker.on('error', (error) => this.#logger.warn({ err: error, queue: queue.name }, 'worker connection'));
    worker.on('failed', (job, error) =>
      this.#logger.warn(
        { err: error, queue: queue.name, jobId: job?.id, attempt: job?.attemptsMade },
        'job failed',
      ),
    );
    this.#workers.push(worker);
  }
}
