import { type JobContext, type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { RewrapProject } from './rewrap-project.js';
import { type RewrapMessage, rewrapQueue } from './rewrap-queue.js';

@Processes(rewrapQueue)
@Injectable()
export class RewrapProcessor implements JobProcessor<RewrapMessage> {
  constructor(private readonly rewrapProject: RewrapProject) {}

  process({ rotationId }: RewrapMessage, { signal }: JobContext): Promise<void> {
    return this.rewrapProject.execute(rotationId, signal);
  }
}
