import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { TrainingRequest } from '@castellan/contracts';
import {
  calibrateTraining,
  LARGEST_TRAINING_EPSILON,
  RATE_PARTS,
  SMALLEST_TRAINING_DELTA,
  toNumber,
  trainingLoss,
  type TrainingLoss,
  type TrainingMechanism,
} from '@castellan/differential-privacy';
import { parameterCount, type Augmentation, type HeadShape } from '@castellan/keras';
import { z } from 'zod';
import { readDocument, type KnownDataset } from '../dataset/dataset-document.js';
import { epsilonPaidBy } from '../ledger/accounting.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { dataIdentity } from '../dataset/require-sealed.js';
import { identifier } from '../question/question.js';
import { refused } from '../question/syntax.js';
import { augmentationOf } from './augmentation-of.js';
import { featureTable, type FeatureTable } from './feature-table.js';
import { BaseVersion } from './find-base.js';

/** A request without what the ledger has, its base looked up. */
const WantedTraining = TrainingRequest.omit({ epsilon: true, delta: true, base: true }).extend({
  base: BaseVersion.optional(),
});
export type WantedTraining = z.infer<typeof WantedTraining>;

export interface PreparedTraining {
  readonly dataset: DatasetRow;
  readonly known: KnownDataset;
  readonly wanted: WantedTraining;
  readonly table: FeatureTable;
  /** With a base: of the layers that are asked for without one. The base says its own. */
  readonly shape: HeadShape;
  readonly augment: Augmentation | undefined;
  readonly mechanism: TrainingMechanism;
  /** What the mechanism costs: at most what is charged. */
  readonly accounted: TrainingLoss;
  /** Canonical JSON of `wanted`. */
  readonly request: string;
  readonly text: string;
  readonly digest: string;
}

/** Changes when the same request would be trained in another way. */
const PLANNER = 'castellan.training/v1';
export const MOST_PARAMETERS = 100_000;

export interface TrainingCost {
  readonly costPico: bigint;
  readonly costAtto: bigint;
}

/**
 * Bounds and prices a training: the noise is the least with which all its steps stay within what is charged. Depends on the
 * request, the declaration and the charge alone.
 * @throws dataset_not_sealed, question_refused, parameter_invalid
 */
export function prepareTraining(
  dataset: DatasetRow,
  request: WantedTraining,
  { costPico, costAtto }: TrainingCost,
): PreparedTraining {
  const known = readDocument(dataset);
  const sealed = dataIdentity(dataset, known.table);
  const most = known.table.maxRowsPerGroup;
  if (BigInt(request.rowsPerUnit) > most)
    throw refused('rowsPerUnit', `the declaration lets a unit count with ${most} rows at most.`);
  const table = featureTable(known.table, request.label, request.features);
  const features = table.features.map(({ name }) => name);
  const wanted: WantedTraining = { ...request, features };
  if (wanted.trainLast !== undefined && wanted.base === undefined)
    throw refused('trainLast', 'only a base has layers that stay as they are.');
  const augment = augmentationOf(wanted, table);
  const { hidden, activation } = wanted;
  const { inputs, outputs, loss } = table;
  const shape: HeadShape = { inputs, outputs, loss, hidden, activation };
  // Of a base it is not known how many numbers are trained. The loss of more is more, so the most are accounted for.
  const parameters = wanted.base === undefined ? parameterCount(shape) : MOST_PARAMETERS;
  if (parameters > MOST_PARAMETERS)
    throw refused(
      'hidden',
      `these layers have ${parameters} numbers to train; ${MOST_PARAMETERS} is the most.`,
    );
  // Doubles a little below the exact amounts, so that the noise is never for more than is charged.
  const epsilon = toNumber(epsilonPaidBy(known.table.accounting, costPico)) * (1 - 2 ** -50);
  const delta = (Number(costAtto) / 1e18) * (1 - 2 ** -50);
  if (epsilon > LARGEST_TRAINING_EPSILON)
    throw refused('epsilon', `a training may cost ${LARGEST_TRAINING_EPSILON} at most.`);
  if (delta < SMALLEST_TRAINING_DELTA)
    throw refused('delta', 'below 1e-9 the account of a training is not exact enough.');
  const rateParts = Math.ceil(Number(wanted.samplingRate) * RATE_PARTS);
  const { mechanism, loss: accounted } = calibrated(
    { rateParts, steps: wanted.steps, parameters },
    epsilon,
    delta,
  );
  const canonical = canonicalize(wanted);
  const identity = canonicalize({
    planner: PLANNER,
    request: canonical,
    chargePico: costPico.toString(),
    chargeAtto: costAtto.toString(),
    declaration: known.digest,
    table: sealed,
  });
  const from = wanted.base === undefined ? '' : ` ON ${wanted.base.ref}`;
  const text = `TRAIN ${wanted.model}${from} TO PREDICT ${identifier(wanted.label)} FROM ${features.map(identifier).join(', ')} OF ${identifier(dataset.name)} IN ${wanted.steps} STEPS`;
  const digest = createHash('sha256').update(identity, 'utf8').digest('hex');
  return {
    dataset,
    known,
    wanted,
    table,
    shape,
    augment,
    mechanism,
    accounted,
    request: canonical,
    text,
    digest,
  };
}

export function readTrainingRequest(request: string): WantedTraining {
  return WantedTraining.parse(JSON.parse(request));
}

const REMEMBERED = 200;
const remembered = new Map<string, Calibrated>();

interface Calibrated {
  readonly mechanism: TrainingMechanism;
  readonly loss: TrainingLoss;
}

/** Finding the noise takes a second; it depends on public numbers alone, so it is found once. */
function calibrated(
  without: Omit<TrainingMechanism, 'noiseParts'>,
  epsilon: number,
  delta: number,
): Calibrated {
  const key = JSON.stringify([without, epsilon, delta]);
  const found = remembered.get(key) ?? calibrate(without, epsilon, delta);
  remembered.delete(key);
  remembered.set(key, found);
  for (const oldest of remembered.keys()) if (remembered.size > REMEMBERED) remembered.delete(oldest);
  return found;
}

function calibrate(
  without: Omit<TrainingMechanism, 'noiseParts'>,
  epsilon: number,
  delta: number,
): Calibrated {
  const mechanism = calibrateTraining(without, { epsilon, delta });
  return { mechanism, loss: trainingLoss(mechanism, delta) };
}
