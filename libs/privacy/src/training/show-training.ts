import { TrainingPoint, type Training } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { deltaText } from '../ledger/atto-delta.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { coarse } from '../ledger/show-budget.js';
import { PrivacyError } from '../privacy-error.js';
import { RunStore, stateOf, type RunRow } from '../runs/run-store.js';
import { prepareTraining, readTrainingRequest } from './prepare-training.js';
import { trainingCard } from './training-card.js';

const SHOWN = 50;

const StoredTraining = z.object({
  format: z.literal('castellan.training/v1'),
  version: z.object({ id: z.string(), ref: z.string() }),
  points: z.array(TrainingPoint),
});

/** The trainings on a dataset as the contract shows them. */
@Injectable()
export class ShowTraining {
  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
  ) {}

  async list(dataset: DatasetRow): Promise<Training[]> {
    const runs = await this.runs.ofDataset(dataset.id, 'training', SHOWN);
    return Promise.all(runs.map((run) => this.show(dataset, run)));
  }

  /** @throws training_unknown */
  async find(dataset: DatasetRow, id: string): Promise<RunRow> {
    const run = await this.runs.byEntry(id);
    if (run?.datasetId === dataset.id && run.kind === 'training') return run;
    throw new PrivacyError('training_unknown', {
      kind: 'not_found',
      publicDetail: `There is no training ${JSON.stringify(id)} on "${dataset.name}".`,
    });
  }

  async show(dataset: DatasetRow, run: RunRow): Promise<Training> {
    const { entry } = run;
    const person = await this.database.client.person.findUnique({ where: { id: entry.personId } });
    const stored = StoredTraining.safeParse(entry.release?.answer);
    const points = z.array(TrainingPoint).safeParse(run.progress);
    const wanted = readTrainingRequest(run.request);
    return {
      id: run.entryId,
      dataset: dataset.name,
      person: person?.name ?? entry.personId,
      question: entry.question,
      epsilon: epsilonText(entry.costPico),
      delta: deltaText(entry.costAtto),
      state: stateOf(run),
      cancelling: run.cancelledAt !== null,
      createdAt: coarse(entry.createdAt),
      steps: wanted.steps,
      points: stored.success ? stored.data.points : points.success ? points.data : [],
      ...(entry.failure === null ? {} : { failure: entry.failure }),
      ...(stored.success
        ? { version: stored.data.version, card: trainingCard(prepareTraining(dataset, wanted, entry), entry) }
        : {}),
    };
  }
}
