import { KeybrokerClient } from '@castellan/keybroker-client';
import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { rewrapQueue } from './rewrap-queue.js';
import { RotationStore } from './rotation-store.js';

/** Takes up what a process that died left half done: rotations without a job, keys retired but not erased. */
@Injectable()
export class FinishLostKeyWork {
  constructor(
    private readonly rotations: RotationStore,
    private readonly keybroker: KeybrokerClient,
    private readonly queue: JobQueue,
  ) {}

  async execute(): Promise<void> {
    for (const { id } of await this.rotations.running())
      await this.queue.enqueue(rewrapQueue, { rotationId: id }, { once: id });
    for (const { projectId, version } of await this.rotations.unfinishedRetirements())
      await this.keybroker.retireKek(projectId, version);
  }
}
