import { SetMetadata } from '@nestjs/common';
import type { QueueDefinition } from './queue-definition.js';

export interface JobContext {
  readonly jobId: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Aborted when this process shuts down or the job's lock was lost to another process. */
  readonly signal: AbortSignal;
}

/** What a provider marked with `@Processes` does with each message. */
export interface JobProcessor<Message> {
  process(message: Message, context: JobContext): Promise<void>;
}

export interface ProcessingOptions {
  /** Jobs of this queue that this process runs side by side. Default 1. */
  readonly concurrency?: number;
}

export interface Processing extends ProcessingOptions {
  readonly queue: QueueDefinition<unknown>;
}

export const processesKey = 'castellan:processes';

/**
 * Registers a provider as the processor of a queue: its jobs run once the application has started, and those that run at
 * shutdown are waited for.
 *
 * A CastellanError that can't change by waiting (invalid, forbidden, not_found, conflict, unauthenticated) fails the job at
 * once; anything else is tried again, 1 s later and then twice as long each time.
 *
 * @example
 * @Processes(scanQueue)
 * export class ScanProcessor implements JobProcessor<{ versionId: string }> {
 *   process({ versionId }: { versionId: string }): Promise<void> { … }
 * }
 */
export function Processes<Message>(
  queue: QueueDefinition<Message>,
  options: ProcessingOptions = {},
): <Class extends abstract new (...dependencies: never[]) => JobProcessor<Message>>(target: Class) => void {
  return (target) => SetMetadata(processesKey, { queue, ...options })(target);
}
