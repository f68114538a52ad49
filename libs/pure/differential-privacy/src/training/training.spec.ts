import fc from 'fast-check';
import { composedGaussianNoise, epsilonOfGaussian } from '../accounting/gaussian.js';
import { chiSquaredScore, SeededBits } from '../testing/index.js';
import { addClipped, CLIP_STEPS } from './clipped-gradient.js';
import { NoisyGradient } from './noisy-gradient.js';
import { calibrateTraining, RATE_PARTS, trainingLoss } from './training-loss.js';

describe('a clipped gradient', () => {
  const any = fc.oneof(fc.double(), fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 1e308, 5e-324));

  it('has a sum of squares within the sensitivity, in exact integers, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (gradient, clip) => {
          const sum = new Float64Array(gradient.length);
          addClipped(gradient, clip, sum);
          const squares = sum.reduce((total, step) => total + BigInt(step) * BigInt(step), 0n);
          expect(squares <= BigInt(CLIP_STEPS) ** 2n).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps a short one to a step of the grid, and the direction of a long one', () => {
    const [short, long] = [new Float64Array(2), new Float64Array(2)];
    addClipped([0.3, -0.4], 1, short);
    addClipped([30, -40], 1, long);
    expect([...short].map((step) => step / CLIP_STEPS)).toEqual([
      expect.closeTo(0.3, 6),
      expect.closeTo(-0.4, 6),
    ]);
    expect([...long].map((step) => step / CLIP_STEPS)).toEqual([
      expect.closeTo(0.6, 5),
      expect.closeTo(-0.8, 5),
    ]);
  });

  it('adds nothing when it is not finite', () => {
    const sum = new Float64Array(2);
    for (const bad of [NaN, Infinity]) addClipped([bad, 1], 1, sum);
    expect([...sum]).toEqual([0, 0]);
  });
});

describe('the loss of a training', () => {
  const delta = 1e-5;

  it('is the published one: 256 of 60,000, σ 1.1, 14,100 steps', () => {
    // 70/64 and 71/64 are on either side of 1.1; dp_accounting 0.6.0: PLD 2.385211, RDP 2.600343.
    const at = (noiseParts: number) =>
      trainingLoss(
        { rateParts: Math.round((256 / 60_000) * RATE_PARTS), noiseParts, steps: 14_100, parameters: 1 },
        delta,
      );
    const [more, less] = [at(70), at(71)];
    expect(more.epsilon).toBeGreaterThan(2.385211);
    expect(less.epsilon).toBeLessThan(2.385211);
    expect(more.renyiEpsilon).toBeGreaterThan(2.600343);
    expect(less.renyiEpsilon).toBeLessThan(2.600343);
  });

  it('of whole batches is that of Gaussians composed, and the allowance', () => {
    const { epsilon, allowance } = trainingLoss(
      { rateParts: RATE_PARTS, noiseParts: 640, steps: 100, parameters: 1000 },
      delta,
    );
    const exact = epsilonOfGaussian(composedGaussianNoise(10, 100), delta);
    expect(epsilon).toBeGreaterThan(exact);
    expect(epsilon).toBeLessThan(exact + 1e-3);
    // 2·T·d·170/8σ² with σ = 10·2²⁴.
    expect(allowance).toBeCloseTo((2 * 100 * 1000 * 170) / (8 * (10 * 2 ** 24) ** 2), 15);
  });

  it('of calibrated noise is within the target, and a 64th less is not', () => {
    const without = { rateParts: RATE_PARTS / 10, steps: 50, parameters: 100 };
    const target = { epsilon: 1, delta };
    const found = calibrateTraining({ ...without, rateParts: Math.ceil(without.rateParts) }, target);
    expect(trainingLoss(found, delta).epsilon).toBeLessThanOrEqual(1);
    expect(trainingLoss({ ...found, noiseParts: found.noiseParts - 1 }, delta).epsilon).toBeGreaterThan(1);
  });

  it.each([
    { rateParts: 0 },
    { rateParts: RATE_PARTS + 1 },
    { noiseParts: 1 },
    { steps: 0 },
    { parameters: 0.5 },
  ])('is not told for %j', (wrong) => {
    const right = { rateParts: 1000, noiseParts: 64, steps: 1, parameters: 1 };
    expect(() => trainingLoss({ ...right, ...wrong }, delta)).toThrow(/No training/);
    expect(() => trainingLoss(right, 1e-12)).toThrow(/No training/);
  });
});

describe('a noisy gradient', () => {
  it('is the exact sum with noise of its scale', () => {
    const noisy = new NoisyGradient(
      { rateParts: RATE_PARTS, noiseParts: 128, steps: 1, parameters: 4000 },
      0.5,
      new SeededBits('gradient'),
    );
    const gradient = new Float64Array(4000);
    gradient[0] = 0.5;
    // σ is 2 clipping norms of 0.5: 1. Cells of half a σ.
    const draws = [...noisy.release([gradient]).slice(1)].map((value) => Math.round(value * 2));
    const cumulative = (x: number) => {
      const t = 1 / (1 + 0.3275911 * Math.abs(x) * Math.SQRT1_2);
      const tail =
        ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
      const half = (tail * Math.exp((-x * x) / 2)) / 2;
      return x < 0 ? half : 1 - half;
    };
    const mass = (z: number) => cumulative((z + 0.5) / 2) - cumulative((z - 0.5) / 2);
    expect(Math.abs(chiSquaredScore(draws, mass, 6))).toBeLessThan(4);
  });

  it('draws each unit by itself with its rate', () => {
    const mechanism = { rateParts: RATE_PARTS / 4, noiseParts: 64, steps: 1, parameters: 1 };
    const noisy = new NoisyGradient(mechanism, 1, new SeededBits('batches'));
    const sizes = Array.from({ length: 2000 }, () => noisy.batch(8).length);
    const choose = [1, 8, 28, 56, 70, 56, 28, 8, 1];
    const mass = (k: number) => (k < 0 || k > 8 ? 0 : (choose[k] ?? 0) * 0.25 ** k * 0.75 ** (8 - k));
    expect(Math.abs(chiSquaredScore(sizes, mass, 8))).toBeLessThan(4);
  });
});
