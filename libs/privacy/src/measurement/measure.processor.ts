import { type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { MeasureEntry } from '../runs/measure-entry.js';
import { type MeasureMessage, measureQueue } from './measure-queue.js';

@Processes(measureQueue)
@Injectable()
export class MeasureProcessor implements JobProcessor<MeasureMessage> {
  constructor(private readonly measureEntry: MeasureEntry) {}

  process({ entryId }: MeasureMessage): Promise<void> {
    return this.measureEntry.execute(entryId);
  }
}
