import type { QueueDefinition } from './queue-definition.js';

export interface EnqueueOptions {
  /** While a job with this id waits or runs, asking for another one does nothing. */
  readonly once?: string;
  readonly delayMs?: number;
}

/**
 * Work to be done later, perhaps by another process.
 *
 * Durability: when `enqueue` resolves, the job survives the death of every process of ours; with Redis, as far as Redis
 * itself is durable. It is not part of a database transaction: enqueue after the commit, and let something find what
 * a crash between the two left undone.
 * Delivery: at least once, in no particular order. Processors must bear to see a message twice.
 * Errors: `queue_unavailable` (kind unavailable); `message_invalid` (kind internal) for a message that doesn't fit.
 */
export abstract class JobQueue {
  abstract enqueue<Message>(
    queue: QueueDefinition<Message>,
    message: Message,
    options?: EnqueueOptions,
  ): Promise<void>;

  /** Answers when the queue's store does. For readiness checks. */
  abstract ping(): Promise<void>;
}
