import { type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { type ScanMessage, scanQueue } from './scan-queue.js';
import { ScanVersion } from './scan-version.js';

@Processes(scanQueue)
@Injectable()
export class ScanProcessor implements JobProcessor<ScanMessage> {
  constructor(private readonly scanVersion: ScanVersion) {}

  process({ versionId }: ScanMessage): Promise<void> {
    return this.scanVersion.execute(versionId);
  }
}
