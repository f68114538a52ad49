import { RandomBits } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import { freshKey } from '../measurement/fresh-key.js';
import { ChargedWork } from '../runs/charged-work.js';
import { RunStore } from '../runs/run-store.js';
import { countMarginals } from './count-marginals.js';
import { prepareSynthesis, readSynthesisRequest } from './prepare-synthesis.js';
import { storeRelease, synthesisDigest } from './stored-synthesis.js';
import { synthesisCard } from './synthesis-card.js';

/** Measures the marginals of a reserved synthetic table and settles it, as `ChargedWork` promises. */
@Injectable()
export class SynthesizeTable {
  constructor(
    private readonly work: ChargedWork,
    private readonly runs: RunStore,
    private readonly random: RandomBits,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  execute(entryId: string): Promise<void> {
    return this.work.execute(entryId, {
      prepare: async (dataset, { id, costPico }) => {
        const run = await this.runs.byEntry(id);
        return prepareSynthesis(dataset, readSynthesisRequest(run?.request ?? ''), costPico);
      },
      work: async (prepared, { bytes }) => {
        const { known, plan } = prepared;
        const exact = await countMarginals(bytes, known.table, prepared, freshKey(this.random));
        const release = exact.release(plan, this.random);
        const answer = storeRelease(release, new Date());
        return { answer, answerDigest: synthesisDigest(answer), card: synthesisCard(prepared, release) };
      },
    });
  }
}
