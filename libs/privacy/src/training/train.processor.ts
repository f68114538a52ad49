import { type JobContext, type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { TrainModel } from './train-model.js';
import { type TrainMessage, trainQueue } from './training-requests.js';

@Processes(trainQueue)
@Injectable()
export class TrainProcessor implements JobProcessor<TrainMessage> {
  constructor(private readonly trainModel: TrainModel) {}

  process({ entryId }: TrainMessage, { signal }: JobContext): Promise<void> {
    return this.trainModel.execute(entryId, signal);
  }
}
