import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BullmqJobQueue } from './bullmq-job-queue.js';
import { JobQueue } from './job-queue.js';
import { queueBackend, type QueueBackend } from './queue-backend.js';
import type { QueueConfig } from './queue.config.js';
import { queueBackendToken, QueueWorkers } from './queue-workers.js';

/**
 * Provides `JobQueue`, and runs every provider of the application that is marked with `@Processes`. Import the same
 * dynamic module wherever it is needed: Nest makes it once.
 */
@Module({})
export class QueueModule {
  static forRoot(config: QueueConfig): DynamicModule {
    return {
      module: QueueModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: queueBackendToken, useFactory: () => queueBackend(config) },
        {
          provide: JobQueue,
          useFactory: (backend: QueueBackend) => new BullmqJobQueue(backend),
          inject: [queueBackendToken],
        },
        QueueWorkers,
      ],
      exports: [JobQueue],
    };
  }
}
