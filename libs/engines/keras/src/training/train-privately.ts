import * as tf from '@tensorflow/tfjs';
import { NoisyGradient, type RandomBits, type TrainingMechanism } from '@castellan/differential-privacy';
import { fallBackToPlainJavaScript, lacksOperator, selectBackend } from '../backend.js';
import type { Augmentation } from './augmentation.js';
import { drawnRows, type DrawnRow, type Widths } from './drawn-rows.js';
import { evaluate, rowGradients, type DenseWeights } from './head.js';
import { layerSizes, type HeadShape } from './head-shape.js';

export interface OptimiserChoice {
  readonly name: 'sgd' | 'momentum' | 'adagrad' | 'rmsprop' | 'adam';
  readonly learningRate: number;
  readonly momentum: number;
}

/** Rows of numbers, one after another. */
export interface TrainingRows {
  readonly features: Float32Array;
  /** One-hot classes, or one number. */
  readonly labels: Float32Array;
}

export interface HeadTraining {
  readonly shape: HeadShape;
  readonly rows: TrainingRows;
  /** Where each unit's rows end, by unit: unit u has the rows from `ends[u − 1]` to `ends[u]`. */
  readonly ends: Uint32Array;
  /** How images are changed on the way to a gradient; absent: rows as they are. */
  readonly augment?: Augmentation;
  /** What rows become before they reach the trained layers, where it can't be made beforehand; `ends` by unit. */
  readonly embed?: (features: Float32Array, ends: Iterable<number>) => Promise<Float32Array>;
  /** Numbers to begin with; absent: drawn at random. */
  readonly start?: readonly DenseWeights[];
  readonly mechanism: TrainingMechanism;
  readonly clip: number;
  /** By what the noisy sum is divided: a public number, about as many units as a batch has. */
  readonly batchUnits: number;
  readonly optimiser: OptimiserChoice;
  readonly l1: number;
  readonly l2: number;
  /** Rows that anybody may know, by which progress can be told; never the protected ones. */
  readonly publicRows?: TrainingRows;
}

/** What may be told of a step: it follows from the noisy gradients and from public rows alone. */
export interface TrainingProgress {
  readonly step: number;
  /** Of the noisy mean gradient. */
  readonly gradientNorm: number;
  readonly loss?: number;
  readonly accuracy?: number;
}

/** Rows whose gradients are computed at once. */
const CHUNK_ROWS = 256;
const POINTS = 100;

/**
 * DP-SGD: in each step units are drawn by themselves, each one's mean gradient over its rows is clipped and put on a grid,
 * the exact integer sum gets exact integer noise, and an optimiser goes on from there. Only `NoisyGradient` sees gradients
 * of protected rows; weights, optimiser state, regularisation and progress are post-processing of its releases.
 *
 * Float: the gradients before clipping, and everything after the noise. Neither matters to privacy: clipping bounds any
 * numbers whatever, and what follows the noise is free.
 * Source: Abadi et al., arXiv 1607.00133; one gradient a unit: McMahan et al., arXiv 1710.06963.
 * Ends early when `signal` is aborted: what was released until then is released.
 */
export async function trainPrivately(
  task: HeadTraining,
  random: RandomBits,
  onProgress: (progress: TrainingProgress) => Promise<void> | void,
  signal?: AbortSignal,
): Promise<readonly DenseWeights[]> {
  await selectBackend();
  const head = new TrainedHead(task, random);
  try {
    const { steps } = task.mechanism;
    const every = Math.max(1, Math.ceil(steps / POINTS));
    for (let step = 1; step <= steps && signal?.aborted !== true; step += 1) {
      const gradientNorm = await head.step();
      if (step % every === 0 || step === steps) await onProgress({ step, gradientNorm, ...head.evaluate() });
    }
    return head.weights();
  } finally {
    head.dispose();
  }
}

class TrainedHead {
  private readonly variables: tf.Variable[];
  private readonly optimiser: tf.Optimizer;
  private readonly noisy: NoisyGradient;

  constructor(
    private readonly task: HeadTraining,
    private readonly random: RandomBits,
  ) {
    this.variables = layerSizes(task.shape).flatMap(([inputs, outputs], layer) => {
      const start = task.start?.[layer];
      const kernel = start
        ? tf.tensor2d(start.kernel, [inputs, outputs])
        : tf.initializers.glorotUniform({}).apply([inputs, outputs]);
      const bias = start ? tf.tensor2d(start.bias, [1, outputs]) : tf.zeros([1, outputs]);
      return [tf.variable(kernel), tf.variable(bias)];
    });
    this.optimiser = optimiserOf(task.optimiser);
    this.noisy = new NoisyGradient(task.mechanism, task.clip, random);
  }

  /** The norm of the noisy mean gradient. */
  async step(): Promise<number> {
    const batch = this.noisy.batch(this.task.ends.length);
    const gradients = await this.unitGradients(batch);
    const mean = this.noisy.release(gradients).map((sum) => sum / this.task.batchUnits);
    this.apply(mean);
    // A turn for messages between steps.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return Math.sqrt(mean.reduce((squares, value) => squares + value * value, 0));
  }

  private async unitGradients(batch: readonly number[]): Promise<Float64Array[]> {
    const sums = batch.map(() => new Float64Array(this.task.mechanism.parameters));
    const add = async (chunk: readonly DrawnRow[]) => {
      if (chunk.length === 0) return;
      const gradients = await this.gradientsOf(chunk);
      chunk.forEach(({ place, share }, i) => addScaled(sums[place], gradients[i], share));
    };
    let chunk: DrawnRow[] = [];
    for (const row of drawnRows(this.task, batch, this.widths(), this.random)) {
      if (chunk.push(row) < CHUNK_ROWS) continue;
      await add(chunk);
      chunk = [];
    }
    await add(chunk);
    return sums;
  }

  /** Of the rows as they are kept. */
  private widths(): Widths {
    const { shape, augment } = this.task;
    const { height, width, channels } = augment?.image ?? { height: shape.inputs, width: 1, channels: 1 };
    return { features: height * width * channels, labels: shape.outputs };
  }

  private async gradientsOf(rows: readonly DrawnRow[]): Promise<Float32Array[]> {
    const features = await this.embedded(rows);
    const compute = () => {
      const picked = this.tensorsOf(features, rows);
      try {
        return rowGradients(this.task.shape, this.variables, picked);
      } finally {
        tf.dispose([picked.features, picked.labels]);
      }
    };
    try {
      return compute();
    } catch (error) {
      if (!lacksOperator(error)) throw error;
      await fallBackToPlainJavaScript();
      return compute();
    }
  }

  /** Each unit's rows by themselves, where layers are passed that stay as they are. */
  private async embedded(rows: readonly DrawnRow[]): Promise<Float32Array> {
    const features = joined(rows.map((row) => row.features));
    if (this.task.embed === undefined) return features;
    const ends = rows.flatMap(({ place }, i) => (rows[i + 1]?.place === place ? [] : [i + 1]));
    return this.task.embed(features, ends);
  }

  private tensorsOf(features: Float32Array, rows: readonly DrawnRow[]) {
    const { shape } = this.task;
    const labels = joined(rows.map(({ label }) => label));
    return {
      features: tf.tensor2d(features, [rows.length, shape.inputs]),
      labels: tf.tensor2d(labels, [rows.length, shape.outputs]),
    };
  }

  private apply(mean: Float64Array): void {
    const { l1, l2 } = this.task;
    tf.tidy(() => {
      let at = 0;
      const named = this.variables.map((variable, i) => {
        const part = tf.tensor(Float32Array.from(mean.subarray(at, at + variable.size)), variable.shape);
        at += variable.size;
        // Biases are not made smaller.
        const penalty = i % 2 === 0 ? variable.mul(l2).add(variable.sign().mul(l1)) : tf.zerosLike(variable);
        return [variable.name, part.add(penalty)] as const;
      });
      this.optimiser.applyGradients(Object.fromEntries(named));
    });
  }

  evaluate(): { loss?: number; accuracy?: number } {
    const { publicRows, shape } = this.task;
    if (publicRows === undefined) return {};
    const rows = publicRows.labels.length / shape.outputs;
    const features = tf.tensor2d(publicRows.features, [rows, shape.inputs]);
    const labels = tf.tensor2d(publicRows.labels, [rows, shape.outputs]);
    try {
      return evaluate(
        shape,
        this.variables.map((variable) => variable),
        { features, labels },
      );
    } finally {
      tf.dispose([features, labels]);
    }
  }

  weights(): DenseWeights[] {
    return layerSizes(this.task.shape).map(([inputs, outputs], layer) => ({
      inputs,
      outputs,
      kernel: this.numbers(2 * layer),
      bias: this.numbers(2 * layer + 1),
    }));
  }

  private numbers(at: number): Float32Array {
    return Float32Array.from(this.variables[at]?.dataSync() ?? []);
  }

  dispose(): void {
    tf.dispose(this.variables);
    this.optimiser.dispose();
  }
}

function optimiserOf({ name, learningRate, momentum }: OptimiserChoice): tf.Optimizer {
  switch (name) {
    case 'sgd':
      return tf.train.sgd(learningRate);
    case 'momentum':
      return tf.train.momentum(learningRate, momentum);
    case 'adagrad':
      return tf.train.adagrad(learningRate);
    case 'rmsprop':
      return tf.train.rmsprop(learningRate, 0.9, momentum);
    case 'adam':
      return tf.train.adam(learningRate);
  }
}

/** Parts of one length, one after another. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const width = parts[0]?.length ?? 0;
  const whole = new Float32Array(parts.length * width);
  parts.forEach((part, i) => whole.set(part, i * width));
  return whole;
}

function addScaled(sum: Float64Array | undefined, gradient: Float32Array | undefined, share: number): void {
  if (sum === undefined || gradient === undefined) return;
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0) * share;
}
