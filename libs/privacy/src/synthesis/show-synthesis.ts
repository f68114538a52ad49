import type { Synthesis } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import type { NameOf } from '../ledger/person-names.js';
import type { RunRow } from '../runs/run-store.js';
import { ShowRun, shownRun } from '../runs/show-run.js';
import { MadeSynthesis } from './made-synthesis.js';
import { synthesisCard } from './synthesis-card.js';

/** The synthetic tables of a dataset as the contract shows them. */
@Injectable()
export class ShowSynthesis {
  constructor(private readonly runs: ShowRun) {}

  async list(dataset: DatasetRow): Promise<Synthesis[]> {
    const runs = await this.runs.latest(dataset, 'synthesis');
    const nameOf = await this.runs.namesOf(runs);
    return runs.map((run) => describe(dataset, run, nameOf));
  }

  /** @throws synthesis_unknown */
  find(dataset: DatasetRow, id: string): Promise<RunRow> {
    return this.runs.find(dataset, 'synthesis', id);
  }

  async show(dataset: DatasetRow, run: RunRow): Promise<Synthesis> {
    return describe(dataset, run, await this.runs.namesOf([run]));
  }
}

function describe(dataset: DatasetRow, run: RunRow, nameOf: NameOf): Synthesis {
  const shown = shownRun(dataset, run, nameOf);
  if (run.entry.release === null) return shown;
  const { prepared, release, rows } = new MadeSynthesis(dataset, run);
  const columnName = (column: number) => prepared.domain[column]?.column.name ?? '';
  return {
    ...shown,
    rows,
    pairs: release.pairs.map(({ left, right }): [string, string] => [columnName(left), columnName(right)]),
    card: synthesisCard(prepared, release),
  };
}
