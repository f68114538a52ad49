import {
  createPostgresBackend,
  Queue,
  Worker,
  type Processor,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { QueueConfig } from './queue.config.js';

/** BullMQ's own tables lie beside ours, in a schema of their own that BullMQ migrates. */
const postgresSchema = 'bullmq';

type WithoutConnection<Options> = Omit<Options, 'connection'>;

/** Opens BullMQ's two ends over whichever store is configured. */
export interface QueueBackend {
  queue(name: string, options: WithoutConnection<QueueOptions>): Queue;
  worker(name: string, process: Processor, options: WithoutConnection<WorkerOptions>): Worker;
  /** After all queues and workers are closed. */
  close(): void;
}

export function queueBackend({ databaseUrl, redisUrl }: QueueConfig): QueueBackend {
  return redisUrl === undefined ? postgresBackend(databaseUrl) : redisBackend(redisUrl);
}

function postgresBackend(connectionString: string): QueueBackend {
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

function redisBackend(url: string): QueueBackend {
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
