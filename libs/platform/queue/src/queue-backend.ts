import type { Processor, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq';
import type { QueueConfig } from './queue.config.js';

/** BullMQ's own tables lie beside ours, in a schema of their own that BullMQ migrates. */
const postgresSchema = 'bullmq';

type BullMq = typeof import('bullmq');
type WithoutConnection<Options> = Omit<Options, 'connection'>;

/** Opens BullMQ's two ends over whichever store is configured. */
export interface QueueBackend {
  queue(name: string, options: WithoutConnection<QueueOptions>): Queue;
  worker(name: string, process: Processor, options: WithoutConnection<WorkerOptions>): Worker;
  /** What a job throws that must not be tried again. */
  unrecoverable(cause: Error): Error;
  /** After all queues and workers are closed. */
  close(): void;
}

/** BullMQ is loaded here: a process that only names a queue has no need of it. */
export async function queueBackend({ databaseUrl, redisUrl }: QueueConfig): Promise<QueueBackend> {
  const bullMq = await import('bullmq');
  const store =
    redisUrl === undefined ? postgresStore(bullMq, databaseUrl) : await redisStore(bullMq, redisUrl);
  return {
    ...store,
    unrecoverable: (cause) => Object.assign(new bullMq.UnrecoverableError(cause.message), { cause }),
  };
}

type Store = Omit<QueueBackend, 'unrecoverable'>;

function postgresStore({ Queue, Worker, createPostgresBackend }: BullMq, connectionString: string): Store {
  const connection = { connectionString, schema: postgresSchema, migrate: true, max: 3, keepAlive: true };
  return {
    // The class type names its store; what we use of it is the same for both.
    queue: (name, options) =>
      new Queue(name, { ...options, connection }, createPostgresBackend) as unknown as Queue,
    worker: (name, process, options) =>
      new Worker(name, process, { ...options, connection }, createPostgresBackend) as unknown as Worker,
    close: () => undefined,
  };
}

async function redisStore({ Queue, Worker }: BullMq, url: string): Promise<Store> {
  const { Redis } = await import('ioredis');
  // All queues share a connection that is ours, since BullMQ does not end one that never came about.
  const shared = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  return {
    queue: (name, options) => new Queue(name, { ...options, connection: shared }),
    worker: (name, process, options) =>
      // A worker waits for Redis to come back; a request that enqueues must not.
      new Worker(name, process, { ...options, connection: { url, maxRetriesPerRequest: null } }),
    close: () => shared.disconnect(),
  };
}
