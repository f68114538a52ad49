import { readFile } from 'node:fs/promises';
import { SeededBits } from '@castellan/differential-privacy/testing';
import { tensor } from '@castellan/tensors';
import { kerasEngine } from '../keras-engine.js';
import { fitBaseHere } from '../testing/fit-base-here.js';
import { BaseModel } from './base-model.js';
import { fitBaseApart } from './fit-base-apart.js';
import type { BaseExpectation } from './fit-base.js';
import { parameterCount } from './head-shape.js';
import { trainModel, type TrainingTask } from './train-model.js';

const digits = new URL('../../../../../test/fixtures/digits/', import.meta.url);
const fixture = async (name: string) => new Uint8Array(await readFile(new URL(name, digits)));

interface Expected {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** Grey levels from 0 to 16, trained on between −1 and 1. */
const scaling = { inputs: Array.from({ length: 64 }, () => ({ offset: 8, factor: 1 / 8 })) };
const expected: BaseExpectation = { inputs: 64, outputs: 10, loss: 'softmax', mostParameters: 100_000 };

async function images() {
  const text = await readFile(new URL('expected.json', digits), 'utf8');
  const { inputs, labels } = JSON.parse(text) as Expected;
  return { inputs, labels, count: labels.length };
}

/** Digits with other labels than the base has learnt: each is to be called one more. */
async function shiftedLabels(base: TrainingTask['base'] & object, steps: number): Promise<TrainingTask> {
  const { inputs, labels, count } = await images();
  const { shape } = await fitBaseHere(base.file, base.expected);
  const oneHot = new Float32Array(count * 10);
  labels.forEach((label, row) => (oneHot[row * 10 + ((label + 1) % 10)] = 1));
  return {
    shape,
    scaling,
    base,
    rows: { features: Float32Array.from(inputs.flat(), (grey) => (grey - 8) / 8), labels: oneHot },
    ends: Uint32Array.from({ length: count }, (_, unit) => unit + 1),
    mechanism: { rateParts: 2 ** 20, noiseParts: 16, steps, parameters: parameterCount(shape) },
    clip: 1,
    batchUnits: count,
    optimiser: { name: 'adam', learningRate: 0.02, momentum: 0.9 },
    l1: 0,
    l2: 0,
  };
}

async function predict(file: Uint8Array): Promise<number[]> {
  const { inputs, count } = await images();
  const model = await kerasEngine.load(new Map([['model.h5', Uint8Array.from(file)]]));
  const name = model.signature.inputs[0]?.name ?? '';
  const [answer] = await model.run([tensor(name, 'FP32', [count, 64], Float32Array.from(inputs.flat()))]);
  await model.dispose();
  return Array.from(answer?.data as Float32Array);
}

const chosen = (shares: readonly number[]) =>
  Array.from({ length: shares.length / 10 }, (_, row) => {
    const own = shares.slice(row * 10, (row + 1) * 10);
    return own.indexOf(Math.max(...own));
  });

const train = async (task: TrainingTask) =>
  (await trainModel(task, new SeededBits('tune'), () => undefined, new AbortController().signal)) ??
  new Uint8Array();

describe('a model of Keras’s that is trained on', () => {
  it.each([
    ['digits-keras3.h5', {}],
    ['digits-keras2.h5', {}],
    ['digits-keras3.keras', { trainLast: 1 }],
  ])('%s answers as before where nothing was trained, scaling worked in and out', async (name, part) => {
    const base = { file: await fixture(name), expected: { ...expected, ...part } };
    const file = await train(await shiftedLabels(base, 0));
    const [before, after] = [await predict(await fixture(name)), await predict(file)];
    after.forEach((share, i) => expect(share).toBeCloseTo(before[i] ?? NaN, 3));
    expect(base.file.every((byte) => byte === 0)).toBe(true);
  });

  it('learns other labels, from where it was', async () => {
    const base = { file: await fixture('digits-keras3.h5'), expected };
    const file = await train(await shiftedLabels(base, 60));
    const { labels } = await images();
    const right = chosen(await predict(file)).filter((digit, row) => digit === ((labels[row] ?? 0) + 1) % 10);
    expect(right.length / labels.length).toBeGreaterThan(0.8);
  });

  it('keeps what is frozen to the last bit, convolutions too', async () => {
    const bytes = await fixture('digits-convolutional-keras3.h5');
    const asks = { ...expected, trainLast: 1 };
    const fit = await fitBaseHere(bytes, asks);
    expect(fit.frozen.length).toBeGreaterThan(3);
    const file = await train(await shiftedLabels({ file: Uint8Array.from(bytes), expected: asks }, 3));
    expect(await predict(file)).not.toEqual(await predict(bytes));
    const [before, after] = await Promise.all([BaseModel.open(bytes, asks), BaseModel.open(file, asks)]);
    const { inputs, count } = await images();
    const rows = Float32Array.from(inputs.flat(), (grey) => (grey - 8) / 8);
    const through = (model: BaseModel) => model.embed(rows, scaling, [1, count]);
    expect(await through(after)).toEqual(await through(before));
    before.dispose();
    after.dispose();
  });

  it.each([
    ['digits-keras3.h5', { inputs: 63 }, /takes 64 numbers .* features give 63/],
    ['digits-keras3.h5', { outputs: 4 }, /gives 10 numbers a row, and the label has 4 classes/],
    ['digits-keras3.h5', { outputs: 1, loss: 'squared' as const }, /the label is one number/],
    ['digits-keras3.h5', { outputs: 10, loss: 'squared' as const }, /"\w+" ends in softmax/],
    ['digits-keras3.h5', { trainLast: 9 }, /ends in \d dense layers that can be trained, not in 9/],
    ['digits-keras3.h5', { mostParameters: 100 }, /numbers to train, and 100 is the most/],
    [
      'digits-convolutional-keras3.h5',
      {},
      /"[\w-]+" \(\w+\) can't be trained here: say how many of the last/,
    ],
    ['digits-recurrent-keras3.h5', {}, /2 inputs/],
  ])('%s is refused for %j with what differs', async (name, part, message) => {
    await expect(fitBaseHere(await fixture(name), { ...expected, ...part })).rejects.toMatchObject({
      code: 'base_incompatible',
      publicDetail: expect.stringMatching(message) as string,
    });
  });

  it('is looked at in a thread, which says what differs and leaves the file alone', async () => {
    const bytes = await fixture('digits-keras3.h5');
    const fit = await fitBaseApart(bytes, { ...expected, trainLast: 1 });
    expect(fit).toMatchObject({ shape: { hidden: [], outputs: 10 }, trained: [expect.any(String)] });
    await expect(fitBaseApart(bytes, { ...expected, inputs: 9 })).rejects.toMatchObject({
      code: 'base_incompatible',
    });
    await expect(fitBaseApart(bytes.subarray(0, 3_000), expected)).rejects.toMatchObject({
      code: 'model_unreadable',
    });
    expect(bytes.subarray(0, 8)).toEqual((await fixture('digits-keras3.h5')).subarray(0, 8));
  });
});
