import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { RandomBits } from '@castellan/differential-privacy';
import type { TrainingProgress, TrainingRows } from '@castellan/keras';
import { Injectable } from '@nestjs/common';
import { freshKey } from '../measurement/fresh-key.js';
import { boundedRows } from '../runs/bounded-rows.js';
import { ChargedWork, type WorkOutcome } from '../runs/charged-work.js';
import { RunStore, type RunRow } from '../runs/run-store.js';
import { MadeSynthesis } from '../synthesis/made-synthesis.js';
import { rowReader, scalingOf, type TrainingRow } from './feature-table.js';
import { prepareTraining, readTrainingRequest, type PreparedTraining } from './prepare-training.js';
import { TrainedVersions } from './trained-versions.js';
import { trainingCard } from './training-card.js';
import { TrainingEngine } from './training-engine.js';

/** A sign of life, and a look whether it should stop, this often. */
const PULSE_MS = 1_000;

/**
 * Trains a reserved training and settles it, as `ChargedWork` promises: from its start on the charge stands, also when it is
 * cancelled or its process dies. What comes out is the next version of a registered model.
 */
@Injectable()
export class TrainModel {
  constructor(
    private readonly work: ChargedWork,
    private readonly runs: RunStore,
    private readonly engine: TrainingEngine,
    private readonly versions: TrainedVersions,
    private readonly random: RandomBits,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  async execute(entryId: string, signal: AbortSignal): Promise<void> {
    const run = await this.runs.byEntry(entryId);
    if (run === null) return;
    const { costPico, costAtto, personId } = run.entry;
    const cost = { costPico, costAtto };
    await this.work.execute(entryId, {
      prepare: async (dataset) => prepareTraining(dataset, readTrainingRequest(run.request), cost),
      work: async (prepared, { bytes }): Promise<WorkOutcome> => {
        const points: TrainingProgress[] = [];
        const file = await this.train(run, prepared, bytes, points, signal);
        if (file === undefined) return { failure: 'cancelled' };
        const card = trainingCard(prepared, cost);
        const files = new Map([
          ['model.h5', file],
          ['privacy-card.json', Buffer.from(canonicalize(card), 'utf8')],
        ]);
        const version = await this.versions.publish({ personId }, prepared.wanted.model, files);
        const answer = {
          format: 'castellan.training/v1',
          version: { ...version },
          points: points.map(asJson),
        };
        const answerDigest = createHash('sha256').update(file).digest('hex');
        return { answer, answerDigest, card: { ...card, version: version.ref } };
      },
    });
  }

  private async train(
    run: RunRow,
    prepared: PreparedTraining,
    bytes: Uint8Array,
    points: TrainingProgress[],
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const stopping = new AbortController();
    const pulse = async () => {
      if (await this.runs.beat(run.entryId, points.map(asJson))) stopping.abort();
    };
    const beating = setInterval(() => void pulse().catch(() => undefined), PULSE_MS);
    try {
      await pulse();
      const task = await this.taskOf(prepared, bytes);
      const onProgress = (progress: TrainingProgress) => void points.push(progress);
      const either = AbortSignal.any([signal, stopping.signal]);
      return either.aborted ? undefined : await this.engine.train(task, { onProgress, signal: either });
    } finally {
      clearInterval(beating);
    }
  }

  private async taskOf(prepared: PreparedTraining, bytes: Uint8Array) {
    const { known, table, wanted, shape, mechanism } = prepared;
    const read = rowReader(
      table,
      known.table.columns.map(({ name }) => name),
    );
    const most = wanted.rowsPerUnit;
    const units = await boundedRows(bytes, known.table, { most, key: freshKey(this.random), read });
    // A unit without a labelled row has no gradient; its gradient would be 0, so leaving it out changes nothing.
    const labelled = Array.from(units.values(), (rows) => rows.filter((row) => row !== undefined));
    const present = labelled.filter((rows) => rows.length > 0);
    const ends = new Uint32Array(present.length);
    let end = 0;
    present.forEach((rows, unit) => (ends[unit] = end += rows.length));
    const { clip, batchUnits, l1, l2, optimiser: name, learningRate, momentum } = wanted;
    const publicRows = await this.publicRows(prepared);
    return {
      shape,
      scaling: scalingOf(table),
      rows: asRows(present.flat(), table),
      ends,
      mechanism,
      clip,
      batchUnits,
      optimiser: { name, learningRate, momentum },
      l1,
      l2,
      ...(publicRows && { publicRows }),
    };
  }

  /** Rows of a synthetic table that was paid for: what is told by them costs nothing. */
  private async publicRows({ dataset, wanted, table }: PreparedTraining): Promise<TrainingRows | undefined> {
    if (wanted.evaluateOn === undefined) return undefined;
    const run = await this.runs.byEntry(wanted.evaluateOn);
    if (run?.datasetId !== dataset.id || run.kind !== 'synthesis') return undefined;
    const made = new MadeSynthesis(dataset, run);
    const read = rowReader(
      table,
      made.prepared.domain.map(({ column }) => column.name),
    );
    const rows = made.records(Math.min(made.rows, 2_000)).flatMap((record) => read(record) ?? []);
    return rows.length === 0 ? undefined : asRows(rows, table);
  }
}

function asRows(rows: readonly TrainingRow[], { inputs, outputs }: PreparedTraining['table']): TrainingRows {
  const [features, labels] = [
    new Float32Array(rows.length * inputs),
    new Float32Array(rows.length * outputs),
  ];
  rows.forEach((row, i) => {
    features.set(row.features, i * inputs);
    labels.set(row.label, i * outputs);
  });
  return { features, labels };
}

function asJson({ step, gradientNorm, loss, accuracy }: TrainingProgress) {
  return {
    step,
    gradientNorm,
    ...(loss === undefined ? {} : { loss }),
    ...(accuracy === undefined ? {} : { accuracy }),
  };
}
