import { Injectable } from '@nestjs/common';
import { MeasureQuestion } from '../measurement/measure-question.js';
import { SynthesizeTable } from '../synthesis/synthesize-table.js';
import { RunStore } from './run-store.js';

/** Does what a ledger entry was reserved for, whatever that is. */
@Injectable()
export class MeasureEntry {
  constructor(
    private readonly runs: RunStore,
    private readonly question: MeasureQuestion,
    private readonly synthesis: SynthesizeTable,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  async execute(entryId: string): Promise<void> {
    const run = await this.runs.byEntry(entryId);
    return run === null ? this.question.execute(entryId) : this.synthesis.execute(entryId);
  }
}
