import type { z } from 'zod';

/** A queue as both ends know it: its name and what a message is. */
export interface QueueDefinition<Message> {
  readonly name: string;
  readonly schema: z.ZodType<Message>;
  /** How often a job may run before it counts as failed. */
  readonly attempts: number;
}

/**
 * Declares a queue. Messages lie in a database or in Redis as they are: they hold identifiers, never secrets and never
 * protected data.
 *
 * @example
 * export const scanQueue = defineQueue('scan', z.object({ versionId: z.uuid() }));
 */
export function defineQueue<Message>(
  name: string,
  schema: z.ZodType<Message>,
  { attempts = 8 }: { readonly attempts?: number } = {},
): QueueDefinition<Message> {
  return { name, schema, attempts };
}
