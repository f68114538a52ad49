import { type JobContext, type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { type PipelineMessage, pipelineQueue } from './pipeline-requests.js';
import { RunPipeline } from './run-pipeline.js';

@Processes(pipelineQueue, { concurrency: 4 })
@Injectable()
export class PipelineProcessor implements JobProcessor<PipelineMessage> {
  constructor(private readonly runPipeline: RunPipeline) {}

  process({ taskId }: PipelineMessage, { signal }: JobContext): Promise<void> {
    return this.runPipeline.execute(taskId, signal);
  }
}
