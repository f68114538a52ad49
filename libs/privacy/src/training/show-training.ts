import { TrainingPoint, type Training } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { deltaText } from '../ledger/atto-delta.js';
import type { NameOf } from '../ledger/person-names.js';
import type { RunRow } from '../runs/run-store.js';
import { ShowRun, shownRun } from '../runs/show-run.js';
import { prepareTraining, readTrainingRequest } from './prepare-training.js';
import { TrainedLayers, trainingCard } from './training-card.js';

const StoredTraining = z.object({
  format: z.literal('castellan.training/v1'),
  version: z.object({ id: z.string(), ref: z.string() }),
  points: z.array(TrainingPoint),
  layers: TrainedLayers.optional(),
});

/** The trainings on a dataset as the contract shows them. */
@Injectable()
export class ShowTraining {
  constructor(private readonly runs: ShowRun) {}

  async list(dataset: DatasetRow): Promise<Training[]> {
    const runs = await this.runs.latest(dataset, 'training');
    const nameOf = await this.runs.namesOf(runs);
    return runs.map((run) => describe(dataset, run, nameOf));
  }

  /** @throws training_unknown */
  find(dataset: DatasetRow, id: string): Promise<RunRow> {
    return this.runs.find(dataset, 'training', id);
  }

  async show(dataset: DatasetRow, run: RunRow): Promise<Training> {
    return describe(dataset, run, await this.runs.namesOf([run]));
  }
}

function describe(dataset: DatasetRow, run: RunRow, nameOf: NameOf): Training {
  const { entry } = run;
  const stored = StoredTraining.safeParse(entry.release?.answer);
  const points = z.array(TrainingPoint).safeParse(run.progress);
  const wanted = readTrainingRequest(run.request);
  return {
    ...shownRun(dataset, run, nameOf),
    delta: deltaText(entry.costAtto),
    ...(run.refusal === null ? {} : { failureDetail: run.refusal }),
    ...(wanted.base && { base: wanted.base.ref }),
    cancelling: run.cancelledAt !== null,
    steps: wanted.steps,
    points: stored.success ? stored.data.points : points.success ? points.data : [],
    ...(stored.success
      ? {
          version: stored.data.version,
          card: trainingCard(prepareTraining(dataset, wanted, entry), entry, stored.data.layers),
        }
      : {}),
  };
}
