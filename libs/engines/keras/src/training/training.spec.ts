import { type RandomBits, SystemBits } from '@castellan/differential-privacy';
import { SeededBits } from '@castellan/differential-privacy/testing';
import * as tf from '@tensorflow/tfjs';
import { kerasEngine } from '../keras-engine.js';
import { selectBackend } from '../backend.js';
import { runTraining } from './run-training.js';
import { writeHead } from './head-file.js';
import { rowGradients } from './head.js';
import { parameterCount, type HeadShape } from './head-shape.js';
import type { TrainingTask } from './train-model.js';
import { trainPrivately, type OptimiserChoice } from './train-privately.js';

const shape: HeadShape = { inputs: 2, hidden: [8], activation: 'tanh', outputs: 2, loss: 'softmax' };

/** Two classes that a line tells apart, one row a unit. */
function halves(units: number): TrainingTask {
  const features = new Float32Array(units * 2);
  const labels = new Float32Array(units * 2);
  for (let unit = 0; unit < units; unit += 1) {
    const [x, y] = [Math.sin(unit * 1.7), Math.cos(unit * 2.9)];
    features.set([x, y], unit * 2);
    labels[unit * 2 + (x + y > 0 ? 1 : 0)] = 1;
  }
  return {
    shape,
    scaling: { inputs: [] },
    rows: { features, labels },
    publicRows: { features, labels },
    ends: Uint32Array.from({ length: units }, (_, unit) => unit + 1),
    mechanism: { rateParts: 2 ** 18, noiseParts: 32, steps: 40, parameters: parameterCount(shape) },
    clip: 1,
    batchUnits: units / 4,
    optimiser: { name: 'adam', learningRate: 0.05, momentum: 0.9 },
    l1: 0,
    l2: 1e-4,
  };
}

async function accuracyOf(task: TrainingTask, random: RandomBits = new SeededBits('train')) {
  const told: (number | undefined)[] = [];
  const weights = await trainPrivately(task, random, ({ accuracy }) => void told.push(accuracy));
  return { weights, accuracy: told.at(-1) ?? 0, told };
}

describe('the gradient of a row', () => {
  it.each(['softmax', 'squared'] as const)('is what the row alone gives, for %s', async (loss) => {
    await selectBackend();
    const outputs = loss === 'softmax' ? 3 : 1;
    const small: HeadShape = { inputs: 4, hidden: [5, 3], activation: 'relu', outputs, loss };
    const numbers = [4, 5, 3, outputs].flatMap((width, i, all) =>
      i === 0
        ? []
        : [
            tf.randomNormal([all[i - 1] ?? 0, width], 0, 1, 'float32', i),
            tf.randomNormal([1, width], 0, 1, 'float32', 9 + i),
          ],
    );
    const features = tf.randomNormal([7, 4], 0, 1, 'float32', 3) as tf.Tensor2D;
    const labels = tf.tensor2d(
      Array.from({ length: 7 }, (_, row) =>
        Array.from({ length: outputs }, (_, column) => (row % outputs === column ? 1 : 0)),
      ),
    );
    const together = rowGradients(small, numbers, { features, labels });
    for (const row of [0, 3, 6]) {
      const [alone] = rowGradients(small, numbers, {
        features: features.slice([row, 0], [1, 4]),
        labels: labels.slice([row, 0], [1, outputs]),
      });
      expect(together[row]).toHaveLength(parameterCount(small));
      together[row]?.forEach((value, i) => expect(value).toBeCloseTo(alone?.[i] ?? NaN, 5));
    }
    tf.dispose([numbers, features, labels]);
  });

  it('is the slope of the loss', async () => {
    await selectBackend();
    const tiny: HeadShape = { inputs: 1, hidden: [], activation: 'relu', outputs: 1, loss: 'squared' };
    const numbers = [tf.tensor2d([[2]]), tf.tensor2d([[1]])];
    const rows = { features: tf.tensor2d([[3]]), labels: tf.tensor2d([[5]]) };
    // (2·3 + 1 − 5) = 2: by the kernel 2·3, by the bias 2.
    expect(rowGradients(tiny, numbers, rows).map((gradient) => [...gradient])).toEqual([[6, 2]]);
    tf.dispose([numbers, rows.features, rows.labels]);
  });
});

describe('private training', () => {
  const optimisers: OptimiserChoice[] = [
    { name: 'sgd', learningRate: 2, momentum: 0 },
    { name: 'momentum', learningRate: 0.5, momentum: 0.8 },
    { name: 'adagrad', learningRate: 0.3, momentum: 0 },
    { name: 'rmsprop', learningRate: 0.02, momentum: 0 },
    { name: 'adam', learningRate: 0.05, momentum: 0 },
  ];

  it.each(optimisers)('learns with $name', async (optimiser) => {
    const { accuracy } = await accuracyOf({ ...halves(400), optimiser });
    expect(accuracy).toBeGreaterThan(0.85);
  });

  it('learns nothing when the noise drowns the gradients', async () => {
    const task = halves(60);
    const mechanism = { ...task.mechanism, noiseParts: 64 * 500 };
    const norms: number[] = [];
    await trainPrivately(
      { ...task, mechanism },
      new SystemBits(),
      ({ gradientNorm }) => void norms.push(gradientNorm),
    );
    // 42 numbers of σ = 500/15 each.
    const mean = norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
    expect(mean).toBeGreaterThan(0.7 * Math.sqrt(42) * (500 / 15));
    expect(mean).toBeLessThan(1.3 * Math.sqrt(42) * (500 / 15));
  });

  it('makes weights small that L1 and L2 pull on', async () => {
    const [free, pulled] = await Promise.all([
      accuracyOf({ ...halves(200), l2: 0 }),
      accuracyOf({ ...halves(200), l1: 0.2, l2: 0.5 }),
    ]);
    const size = ({ weights }: typeof free) =>
      weights.reduce(
        (sum, { kernel }) => sum + kernel.reduce((squares, value) => squares + value * value, 0),
        0,
      );
    expect(size(pulled)).toBeLessThan(size(free) / 4);
  });

  it('goes by units: a unit of many rows is one draw and one clipped gradient', async () => {
    const task = halves(400);
    const ends = Uint32Array.from({ length: 40 }, (_, unit) => (unit + 1) * 10);
    const { accuracy } = await accuracyOf({
      ...task,
      ends,
      batchUnits: 10,
      mechanism: { ...task.mechanism, steps: 60 },
    });
    expect(accuracy).toBeGreaterThan(0.75);
  });

  it('stops when it is told to', async () => {
    const stopping = new AbortController();
    const steps: number[] = [];
    await trainPrivately(
      halves(100),
      new SystemBits(),
      ({ step }) => {
        steps.push(step);
        if (step === 5) stopping.abort();
      },
      stopping.signal,
    );
    expect(steps.at(-1)).toBe(5);
  });

  it('gives a Keras file that the engine serves with the same answers', async () => {
    const { weights, accuracy } = await accuracyOf(halves(400));
    const bytes = await writeHead(shape, weights);
    const model = await kerasEngine.load(new Map([['model.h5', bytes]]));
    expect(model.signature.inputs).toMatchObject([{ name: 'features', datatype: 'FP32', shape: [-1, 2] }]);
    const { features, labels } = halves(400).rows;
    const [answer] = await model.run([
      { name: 'features', datatype: 'FP32', shape: [400, 2], data: features },
    ]);
    const shares = Array.from(answer?.data as Float32Array);
    const right = Array.from(
      { length: 400 },
      (_, row) => (shares[row * 2 + 1] ?? 0) > 0.5 === (labels[row * 2 + 1] === 1),
    );
    expect(right.filter(Boolean).length / 400).toBeCloseTo(accuracy, 5);
    await model.dispose();
  });

  it('works scaling into the file, so that it takes and gives numbers as the table has them', async () => {
    const linear: HeadShape = { inputs: 1, hidden: [], activation: 'relu', outputs: 1, loss: 'squared' };
    // Trained on (x − 10)·0.5, predicting (y − 100)/20: z = 3·x' + 1.
    const weights = [{ inputs: 1, outputs: 1, kernel: Float32Array.of(3), bias: Float32Array.of(1) }];
    const scaling = { inputs: [{ offset: 10, factor: 0.5 }], output: { offset: 100, factor: 20 } };
    const model = await kerasEngine.load(new Map([['m.h5', await writeHead(linear, weights, scaling)]]));
    const input = {
      name: 'features',
      datatype: 'FP32',
      shape: [2, 1],
      data: Float32Array.of(10, 14),
    } as const;
    const [answer] = await model.run([input]);
    expect([...(answer?.data as Float32Array)]).toEqual([120, 240]);
    await model.dispose();
  });

  it('runs in a thread that hands the file back, and ends when it is stopped', async () => {
    const steps: number[] = [];
    const onProgress = ({ step }: { step: number }) => void steps.push(step);
    const { signal } = new AbortController();
    const run = { onProgress, signal };
    const file = await runTraining(halves(50), run);
    expect(steps.at(-1)).toBe(40);
    expect(kerasEngine.accepts(new Map([['m.h5', file ?? new Uint8Array()]]))).toBe(true);
    const stopping = new AbortController();
    const endless = halves(50);
    const stopped = runTraining(
      { ...endless, mechanism: { ...endless.mechanism, steps: 10_000 } },
      { onProgress: () => stopping.abort(), signal: stopping.signal },
    );
    expect(await stopped).toBeUndefined();
  });
});
