import { Injectable } from '@nestjs/common';
import { MeasureQuestion } from '../measurement/measure-question.js';
import { SynthesizeTable } from '../synthesis/synthesize-table.js';
import { TrainingRequests } from '../training/training-requests.js';
import { RunStore } from './run-store.js';

/** Does what a ledger entry was reserved for, whatever that is. A training takes long: it has a queue of its own. */
@Injectable()
export class MeasureEntry {
  constructor(
    private readonly runs: RunStore,
    private readonly question: MeasureQuestion,
    private readonly synthesis: SynthesizeTable,
    private readonly trainings: TrainingRequests,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  async execute(entryId: string): Promise<void> {
    const run = await this.runs.byEntry(entryId);
    if (run === null) return this.question.execute(entryId);
    return run.kind === 'training' ? this.trainings.request(entryId) : this.synthesis.execute(entryId);
  }
}
