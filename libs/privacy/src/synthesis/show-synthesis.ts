import type { Synthesis } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { coarse } from '../ledger/show-budget.js';
import { RunStore, stateOf, type RunRow } from '../runs/run-store.js';
import { PrivacyError } from '../privacy-error.js';
import { MadeSynthesis } from './made-synthesis.js';
import { synthesisCard } from './synthesis-card.js';

const SHOWN = 50;

/** The synthetic tables of a dataset as the contract shows them. */
@Injectable()
export class ShowSynthesis {
  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
  ) {}

  async list(dataset: DatasetRow): Promise<Synthesis[]> {
    const runs = await this.runs.ofDataset(dataset.id, 'synthesis', SHOWN);
    return Promise.all(runs.map((run) => this.show(dataset, run)));
  }

  /** @throws synthesis_unknown */
  async find(dataset: DatasetRow, id: string): Promise<RunRow> {
    const run = await this.runs.byEntry(id);
    if (run?.datasetId === dataset.id && run.kind === 'synthesis') return run;
    throw new PrivacyError('synthesis_unknown', {
      kind: 'not_found',
      publicDetail: `"${dataset.name}" has no synthetic table ${JSON.stringify(id)}.`,
    });
  }

  async show(dataset: DatasetRow, run: RunRow): Promise<Synthesis> {
    const { entry } = run;
    const person = await this.database.client.person.findUnique({ where: { id: entry.personId } });
    return {
      id: run.entryId,
      dataset: dataset.name,
      person: person?.name ?? entry.personId,
      question: entry.question,
      epsilon: epsilonText(entry.costPico),
      state: stateOf(run),
      createdAt: coarse(entry.createdAt),
      ...(entry.failure === null ? {} : { failure: entry.failure }),
      ...(entry.release === null ? {} : describe(new MadeSynthesis(dataset, run))),
    };
  }
}

function describe(made: MadeSynthesis): Pick<Synthesis, 'rows' | 'pairs' | 'card'> {
  const { prepared, release, rows } = made;
  const nameOf = (column: number) => prepared.domain[column]?.column.name ?? '';
  return {
    rows,
    pairs: release.pairs.map(({ left, right }): [string, string] => [nameOf(left), nameOf(right)]),
    card: synthesisCard(prepared, release),
  };
}
