import type { RunState } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { readDocument } from '../dataset/dataset-document.js';
import { lossText } from '../ledger/accounting.js';
import { personNames, type NameOf } from '../ledger/person-names.js';
import { coarse } from '../ledger/show-budget.js';
import { PrivacyError } from '../privacy-error.js';
import { RunStore, stateOf, type RunKind, type RunRow } from './run-store.js';

const SHOWN = 50;

/** What runs of every kind show alike. */
export interface ShownRun {
  readonly id: string;
  readonly dataset: string;
  readonly person: string;
  readonly question: string;
  readonly epsilon?: string;
  readonly rho?: string;
  readonly state: RunState;
  readonly createdAt: string;
  readonly failure?: string;
}

const words = {
  synthesis: { code: 'synthesis_unknown', what: 'synthetic table' },
  training: { code: 'training_unknown', what: 'training' },
} as const satisfies Record<RunKind, { code: string; what: string }>;

/** Finds what a dataset's runs show, whatever their kind. */
@Injectable()
export class ShowRun {
  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
  ) {}

  /** @throws synthesis_unknown, training_unknown */
  async find(dataset: DatasetRow, kind: RunKind, id: string): Promise<RunRow> {
    const run = await this.runs.byEntry(id);
    if (run?.datasetId === dataset.id && run.kind === kind) return run;
    const { code, what } = words[kind];
    throw new PrivacyError(code, {
      kind: 'not_found',
      publicDetail: `"${dataset.name}" has no ${what} ${JSON.stringify(id)}.`,
    });
  }

  /** The newest first. */
  latest(dataset: DatasetRow, kind: RunKind): Promise<RunRow[]> {
    return this.runs.ofDataset(dataset.id, kind, SHOWN);
  }

  namesOf(runs: readonly RunRow[]): Promise<NameOf> {
    return personNames(
      this.database,
      runs.map(({ entry }) => entry.personId),
    );
  }
}

export function shownRun(dataset: DatasetRow, run: RunRow, nameOf: NameOf): ShownRun {
  const { entry } = run;
  return {
    id: run.entryId,
    dataset: dataset.name,
    person: nameOf(entry.personId),
    question: entry.question,
    ...lossText(readDocument(dataset).table.accounting, entry.costPico),
    state: stateOf(run),
    createdAt: coarse(entry.createdAt),
    ...(entry.failure === null ? {} : { failure: entry.failure }),
  };
}
