import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { JobQueue, type EnqueueOptions } from './job-queue.js';
import type { QueueBackend } from './queue-backend.js';
import type { QueueDefinition } from './queue-definition.js';
import { QueueError } from './queue-error.js';

const day = 24 * 60 * 60;

/** BullMQ waits for Redis for ever; a request that enqueues can't. */
const patienceMs = 5_000;

/** `JobQueue` over BullMQ, on PostgreSQL or Redis. A connection a queue, opened at first use. */
@Injectable()
export class BullmqJobQueue extends JobQueue implements OnApplicationShutdown {
  readonly #queues = new Map<string, Queue>();
  readonly #logger = new Logger('queue');

  constructor(private readonly backend: QueueBackend) {
    super();
  }

  override async enqueue<Message>(
    definition: QueueDefinition<Message>,
    message: Message,
    { once, delayMs }: EnqueueOptions = {},
  ): Promise<void> {
    const parsed = definition.schema.safeParse(message);
    if (!parsed.success) throw messageInvalid(definition.name, parsed.error);
    try {
      const added = this.#queue(definition.name).add(definition.name, parsed.data, {
        attempts: definition.attempts,
        backoff: { type: 'exponential', delay: 1000 },
        removeOnComplete: { age: day, count: 1000 },
        removeOnFail: { age: 7 * day },
        ...(once === undefined ? {} : { deduplication: { id: once } }),
        ...(delayMs === undefined ? {} : { delay: delayMs }),
      });
      await answered(added);
    } catch (cause) {
      throw queueUnavailable(cause);
    }
  }

  override async ping(): Promise<void> {
    try {
      await answered(this.#queue('ping').count());
    } catch (cause) {
      throw queueUnavailable(cause);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.backend.close();
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const opened = this.backend.queue(name, {});
    opened.on('error', (error) => this.#logger.warn({ err: error, queue: name }, 'queue connection'));
    this.#queues.set(name, opened);
    return opened;
  }
}

/** What comes after the patience ran out is let go: the job may be there later, which "at least once" allows. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  const late = new AbortController();
  answer.catch(() => undefined);
  try {
    const timeout = sleep(patienceMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`no answer in ${patienceMs} ms`);
    });
    timeout.catch(() => undefined);
    return await Promise.race([answer, timeout]);
  } finally {
    late.abort();
  }
}

export function messageInvalid(queue: string, cause: unknown): QueueError {
  return new QueueError({
    code: 'message_invalid',
    kind: 'internal',
    publicDetail: `A message of the queue ${queue} does not fit its schema.`,
    cause,
  });
}

function queueUnavailable(cause: unknown): QueueError {
  return new QueueError({
    code: 'queue_unavailable',
    kind: 'unavailable',
    publicDetail: 'The job queue does not answer.',
    retryAfterMs: 1000,
    cause,
  });
}
