export { JobQueue, type EnqueueOptions } from './job-queue.js';
export { Processes, type JobContext, type JobProcessor, type ProcessingOptions } from './processes.js';
export { defineQueue, type QueueDefinition } from './queue-definition.js';
export { QueueError, type QueueErrorCode } from './queue-error.js';
export { queueConfig, type QueueConfig } from './queue.config.js';
export { QueueModule } from './queue.module.js';
