import type { RandomBits } from '@castellan/differential-privacy';
import { BaseModel } from './base-model.js';
import type { BaseExpectation } from './fit-base.js';
import { writeHead, type Scaling } from './head-file.js';
import {
  trainPrivately,
  type HeadTraining,
  type TrainingProgress,
  type TrainingRows,
} from './train-privately.js';

export interface TrainingTask extends HeadTraining {
  /** How `rows` were made of the table's numbers. */
  readonly scaling: Scaling;
  /** A Keras file that is trained on. `shape` is then what `fitBaseApart` found; its bytes are overwritten. */
  readonly base?: { readonly file: Uint8Array; readonly expected: BaseExpectation };
}

/** Trains and gives a Keras file; undefined when it was stopped. @throws what opening the base throws */
export async function trainModel(
  task: TrainingTask,
  random: RandomBits,
  onProgress: (progress: TrainingProgress) => Promise<void> | void,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { base, scaling } = task;
  if (base === undefined) {
    const weights = await trainPrivately(task, random, onProgress, signal);
    return signal.aborted ? undefined : writeHead(task.shape, weights, scaling);
  }
  const model = await BaseModel.open(base.file, base.expected).finally(() => base.file.fill(0));
  try {
    const weights = await trainPrivately(await onBase(task, model), random, onProgress, signal);
    return signal.aborted ? undefined : await model.write(weights, scaling);
  } finally {
    model.dispose();
  }
}

/** The same training on what the base's frozen layers make of the rows, from the base's own numbers on. */
async function onBase(task: TrainingTask, model: BaseModel): Promise<HeadTraining> {
  const { scaling, rows, ends, publicRows, augment } = task;
  const embed = (features: Float32Array, unitEnds: Iterable<number>) =>
    model.embed(features, scaling, unitEnds);
  const through = async (given: TrainingRows, unitEnds: Iterable<number>): Promise<TrainingRows> => ({
    ...given,
    features: await embed(given.features, unitEnds),
  });
  const { shape } = model.fit;
  return {
    ...task,
    shape,
    start: model.start(scaling),
    // Copies that are changed anew in every step pass the frozen layers in every step.
    ...(augment === undefined ? { rows: await through(rows, ends) } : { embed }),
    ...(publicRows && { publicRows: await through(publicRows, [publicRows.labels.length / shape.outputs]) }),
  };
}
