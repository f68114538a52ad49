import { type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { MeasureQuestion } from './measure-question.js';
import { type MeasureMessage, measureQueue } from './measure-queue.js';

@Processes(measureQueue)
@Injectable()
export class MeasureProcessor implements JobProcessor<MeasureMessage> {
  constructor(private readonly measureQuestion: MeasureQuestion) {}

  process({ entryId }: MeasureMessage): Promise<void> {
    return this.measureQuestion.execute(entryId);
  }
}
