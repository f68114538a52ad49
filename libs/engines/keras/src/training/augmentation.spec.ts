import { NoisyGradient } from '@castellan/differential-privacy';
import { addClipped, CLIP_STEPS, SeededBits } from '@castellan/differential-privacy/testing';
import { changed, type Augmentation } from './augmentation.js';
import { drawnRows } from './drawn-rows.js';
import { parameterCount, type HeadShape } from './head-shape.js';
import { trainPrivately, type HeadTraining } from './train-privately.js';

const image = { height: 4, width: 4, channels: 1 };
const still: Augmentation = { image, copies: 1, flip: [], rotate: 0, crop: 0, mix: 0 };
const ramp = Float32Array.from({ length: 16 }, (_, i) => (i % 4) + 10 * Math.floor(i / 4));

describe('an image that is changed', () => {
  it('stays what it is where nothing is asked', () => {
    expect(changed(ramp, still, new SeededBits('still'))).toEqual(ramp);
  });

  it('is mirrored half of the time, and nothing else', () => {
    const random = new SeededBits('flip');
    const mirrored = Float32Array.from(ramp, (_, i) => ramp[4 * Math.floor(i / 4) + 3 - (i % 4)] ?? 0);
    const seen = Array.from({ length: 60 }, () => changed(ramp, { ...still, flip: ['horizontal'] }, random));
    const flips = seen.filter((copy) => String(copy) === String(mirrored)).length;
    expect(flips).toBeGreaterThan(15);
    expect(seen.filter((copy) => String(copy) === String(ramp))).toHaveLength(60 - flips);
  });

  it('is turned about its middle', () => {
    const uniform = new Float32Array(16).fill(3);
    const random = new SeededBits('turn');
    changed(uniform, { ...still, rotate: 45 }, random).forEach((value) => expect(value).toBeCloseTo(3, 5));
    const turned = changed(ramp, { ...still, rotate: 45 }, random);
    expect(turned).not.toEqual(ramp);
    expect(Math.max(...turned)).toBeLessThanOrEqual(33);
  });

  it('is moved by whole pixels, going on at its border as it ends', () => {
    const random = new SeededBits('crop');
    const values = new Set(ramp);
    for (let i = 0; i < 20; i += 1)
      changed(ramp, { ...still, crop: 2 }, random).forEach((value) => expect(values.has(value)).toBe(true));
  });
});

const shape: HeadShape = { inputs: 16, hidden: [], activation: 'relu', outputs: 2, loss: 'softmax' };
const augment: Augmentation = { image, copies: 5, flip: ['horizontal'], rotate: 20, crop: 1, mix: 1 };

/** Units of three rows each; what stands in a row says whose it is. */
function task(units: number, valueOf: (unit: number) => number): HeadTraining {
  const rows = units * 3;
  const features = Float32Array.from(
    { length: rows * 16 },
    (_, i) => valueOf(Math.floor(i / 48)) + ((i * 7) % 13) / 13,
  );
  const labels = Float32Array.from({ length: rows * 2 }, (_, i) => (Math.floor(i / 2) % 2 === i % 2 ? 1 : 0));
  return {
    shape,
    augment,
    rows: { features, labels },
    ends: Uint32Array.from({ length: units }, (_, unit) => 3 * (unit + 1)),
    mechanism: { rateParts: 2 ** 20, noiseParts: 64, steps: 1, parameters: parameterCount(shape) },
    start: [{ inputs: 16, outputs: 2, kernel: new Float32Array(32).fill(0.01), bias: new Float32Array(2) }],
    clip: 1,
    batchUnits: units,
    optimiser: { name: 'sgd', learningRate: 0.1, momentum: 0 },
    l1: 0,
    l2: 0,
  };
}

/** What the first step hands to `NoisyGradient`: one vector a unit, before it is clipped. */
async function handedOver(given: HeadTraining): Promise<number[][]> {
  const seen: number[][] = [];
  const { release } = NoisyGradient.prototype;
  NoisyGradient.prototype.release = function (gradients) {
    const all = Array.from(gradients);
    seen.push(...all.map((gradient) => Array.from(gradient)));
    return release.call(this, all);
  };
  try {
    await trainPrivately(given, new SeededBits('the same draws'), () => undefined);
    return seen;
  } finally {
    NoisyGradient.prototype.release = release;
  }
}

describe('what one unit can do to a training on changed images', () => {
  it('is one vector, however many rows, copies and mixtures it is made of', async () => {
    expect(await handedOver(task(4, () => 0))).toHaveLength(4);
    const shares = Array.from(
      drawnRows(
        task(4, () => 0),
        [0, 1, 2, 3],
        { features: 16, labels: 2 },
        new SeededBits('s'),
      ),
    );
    expect(shares).toHaveLength(4 * 3 * 5);
    for (const unit of [0, 1, 2, 3])
      expect(
        shares.filter(({ place }) => place === unit).reduce((sum, { share }) => sum + share, 0),
      ).toBeCloseTo(1, 9);
  });

  it('changes nobody else’s: with other images in one unit, all other vectors are the same to the last bit', async () => {
    const usual = await handedOver(task(6, (unit) => unit / 10));
    const hostile = await handedOver(task(6, (unit) => (unit === 2 ? 1e30 : unit / 10)));
    expect(hostile[2]).not.toEqual(usual[2]);
    for (const unit of [0, 1, 3, 4, 5]) expect(hostile[unit]).toEqual(usual[unit]);
  });

  it('is bounded by the clipping norm: a neighbour without the unit has a sum that is no further away', async () => {
    const loud = task(5, (unit) => (unit === 4 ? 1e6 : 0));
    const exact = async (given: HeadTraining) => {
      // The very sum that gets noise: clipped, in steps of the grid.
      const sum = new Float64Array(given.mechanism.parameters);
      for (const gradient of await handedOver(given)) addClipped(gradient, given.clip, sum);
      return sum;
    };
    const [present, absent] = [await exact(loud), await exact({ ...loud, ends: loud.ends.subarray(0, 4) })];
    const squares = present.reduce((all, value, i) => all + (value - (absent[i] ?? 0)) ** 2, 0);
    expect(Math.sqrt(squares)).toBeLessThanOrEqual(CLIP_STEPS);
    expect(Math.sqrt(squares)).toBeGreaterThan(0.9 * CLIP_STEPS);
  });

  it('mixes with the same unit’s rows and with no other’s', () => {
    const marked = task(3, (unit) => 100 * (unit + 1));
    for (const { place, features } of drawnRows(
      marked,
      [0, 1, 2],
      { features: 16, labels: 2 },
      new SeededBits('mix'),
    ))
      for (const value of features) expect(Math.floor(value / 100)).toBe(place + 1);
  });
});
