import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { RandomBits } from '@castellan/differential-privacy';
import { parameterCount, type TrainingProgress, type TrainingTask } from '@castellan/keras';
import { Injectable } from '@nestjs/common';
import { ChargedWork, type WorkOutcome } from '../runs/charged-work.js';
import { RunStore, type RunRow } from '../runs/run-store.js';
import { scalingOf } from './feature-table.js';
import { OpenBase, type FittingBase } from './open-base.js';
import { prepareTraining, readTrainingRequest, type PreparedTraining } from './prepare-training.js';
import { TrainedVersions } from './trained-versions.js';
import { layersOf, trainingCard } from './training-card.js';
import { TrainingEngine } from './training-engine.js';
import { protectedRows, publicRows } from './training-rows.js';

/** A sign of life, and a look whether it should stop, this often. */
const PULSE_MS = 1_000;

/**
 * Trains a reserved training and settles it, as `ChargedWork` promises: from its start on the charge stands, also when it is
 * cancelled or its process dies. A base that can't be had, or does not fit, is seen before the start and gives the charge
 * back. What comes out is the next version of a registered model.
 */
@Injectable()
export class TrainModel {
  constructor(
    private readonly work: ChargedWork,
    private readonly runs: RunStore,
    private readonly engine: TrainingEngine,
    private readonly versions: TrainedVersions,
    private readonly bases: OpenBase,
    private readonly random: RandomBits,
  ) {}

  /** @throws kind `unavailable` when a key, the table or the base can't be had at the moment: nothing changed, try again */
  async execute(entryId: string, signal: AbortSignal): Promise<void> {
    const run = await this.runs.byEntry(entryId);
    if (run === null) return;
    const { costPico, costAtto, personId, questionDigest } = run.entry;
    const cost = { costPico, costAtto };
    let base: FittingBase | undefined;
    try {
      await this.work.execute(entryId, {
        prepare: async (dataset) => {
          const prepared = prepareTraining(dataset, readTrainingRequest(run.request), cost);
          // Of another request than was admitted nothing is opened.
          if (prepared.digest === questionDigest) base = await this.bases.execute(prepared);
          return prepared;
        },
        refused: (tx, detail) => this.runs.explain(tx, entryId, detail),
        work: async (prepared, { bytes }): Promise<WorkOutcome> => {
          const points: TrainingProgress[] = [];
          const file = await this.train(run, { prepared, base, bytes, points, signal });
          if (file === undefined) return { failure: 'cancelled' };
          const layers = base && layersOf(base.fit);
          const card = trainingCard(prepared, cost, layers);
          const files = new Map([
            ['model.h5', file],
            ['privacy-card.json', Buffer.from(canonicalize(card), 'utf8')],
          ]);
          const version = await this.versions.publish({ personId }, prepared.wanted.model, files);
          const answer = {
            format: 'castellan.training/v1',
            version: { ...version },
            points: points.map(asJson),
            ...(layers && { layers: { ...layers } }),
          };
          const answerDigest = createHash('sha256').update(file).digest('hex');
          return { answer, answerDigest, card: { ...card, version: version.ref } };
        },
      });
    } finally {
      base?.dispose();
    }
  }

  private async train(
    run: RunRow,
    given: {
      prepared: PreparedTraining;
      base: FittingBase | undefined;
      bytes: Uint8Array;
      points: TrainingProgress[];
      signal: AbortSignal;
    },
  ): Promise<Uint8Array | undefined> {
    const { points, signal } = given;
    const stopping = new AbortController();
    const pulse = async () => {
      if (await this.runs.beat(run.entryId, points.map(asJson))) stopping.abort();
    };
    const beating = setInterval(() => void pulse().catch(() => undefined), PULSE_MS);
    try {
      await pulse();
      const task = await this.taskOf(given.prepared, given.base, given.bytes);
      const onProgress = (progress: TrainingProgress) => void points.push(progress);
      const either = AbortSignal.any([signal, stopping.signal]);
      return either.aborted ? undefined : await this.engine.train(task, { onProgress, signal: either });
    } finally {
      clearInterval(beating);
    }
  }

  private async taskOf(
    prepared: PreparedTraining,
    base: FittingBase | undefined,
    bytes: Uint8Array,
  ): Promise<TrainingTask> {
    const { table, wanted, mechanism } = prepared;
    const { clip, batchUnits, l1, l2, optimiser: name, learningRate, momentum, evaluateOn } = wanted;
    const shape = base?.fit.shape ?? prepared.shape;
    const known =
      evaluateOn === undefined ? undefined : publicRows(prepared, await this.runs.byEntry(evaluateOn));
    return {
      shape,
      scaling: scalingOf(table),
      ...(await protectedRows(prepared, bytes, this.random)),
      // Accounted for as many numbers as may be trained: of fewer the loss is less.
      mechanism: { ...mechanism, parameters: parameterCount(shape) },
      clip,
      batchUnits,
      optimiser: { name, learningRate, momentum },
      l1,
      l2,
      ...(known && { publicRows: known }),
      ...(prepared.augment && { augment: prepared.augment }),
      // A copy, for its memory moves to whoever trains.
      ...(base && { base: { file: Uint8Array.from(base.file), expected: base.expected } }),
    };
  }
}

function asJson({ step, gradientNorm, loss, accuracy }: TrainingProgress) {
  return {
    step,
    gradientNorm,
    ...(loss === undefined ? {} : { loss }),
    ...(accuracy === undefined ? {} : { accuracy }),
  };
}
