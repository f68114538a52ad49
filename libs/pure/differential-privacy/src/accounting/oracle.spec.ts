import { rational, toNumber } from '../rational.js';
import {
  discreteLaplaceTail,
  discreteLaplaceThreshold,
  gaussianThreshold,
  laplaceThreshold,
} from '../selection/noise-threshold.js';
import { keepProbability } from '../selection/truncated-geometric.js';
import { composeBasic } from './composition.js';
import { composedGaussianNoise, deltaOfGaussian, epsilonOfGaussian, noiseOfGaussian } from './gaussian.js';
import {
  boundedRangeRenyi,
  composeRenyi,
  deltaOfRenyi,
  epsilonOfRenyi,
  gaussianRenyi,
  laplaceRenyi,
  sampledGaussianRenyi,
} from './renyi.js';
import { deltaOfRho, epsilonOfRho, rhoOfBoundedRange, rhoOfPure } from './zero-concentrated.js';

/** Within the relative error, and not below what the oracle says by more than rounding. */
function expectClose(actual: number, expected: number, relative = 1e-12): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);
}

describe('zero-concentrated privacy', () => {
  it.each([
    [1 / 32, 0, 0.1508457845622862],
    [0.05, 0.25, 8.17727531036956e-2],
    [5e-30, 1e-13, 2.619676329730346e-234],
    [0.5, 0, 0.5588356393474351],
  ])('ρ = %d gives at ε = %d the δ of OpenDP', (rho, epsilon, delta) => {
    expectClose(deltaOfRho(rho, epsilon), delta, 1e-11);
  });

  it.each([
    [1 / 32, 1e-3, 0.6880024554878085, 1e-13],
    [2.63, 1e-10, 17.430584, 1e-7],
    [0.5, 1e-7, 5.670859, 1e-7],
  ])('ρ = %d gives at δ = %d the ε of the reference', (rho, delta, epsilon, relative) => {
    expectClose(epsilonOfRho(rho, delta), epsilon, relative);
  });

  it('converts there and back', () => {
    for (const rho of [1e-3, 0.01, 1, 50])
      for (const delta of [1e-3, 1e-9]) expectClose(deltaOfRho(rho, epsilonOfRho(rho, delta)), delta, 1e-9);
  });

  it('costs ε²/2 for a pure mechanism and a quarter of that for a bounded range', () => {
    expect(rhoOfPure(rational(1n, 2n))).toEqual(rational(1n, 8n));
    expect(rhoOfBoundedRange(rational(1n, 2n))).toEqual(rational(1n, 32n));
    expect(toNumber(rhoOfPure(rational(3n)))).toBe(4.5);
  });

  it('costs nothing for nothing', () => {
    expect(deltaOfRho(0, 1)).toBe(0);
    expect(epsilonOfRho(0, 1e-6)).toBe(0);
    expect(() => epsilonOfRho(1, 0)).toThrow(/Delta/);
  });
});

describe('Gaussian noise', () => {
  it.each([
    [10, 0.1, 0.00875176814581, 1e-12],
    [0.5, 0, 0.6826894921370859, 1e-14],
  ])('of σ = %d has at ε = %d the δ of the reference', (noise, epsilon, delta, relative) => {
    expectClose(deltaOfGaussian(noise, epsilon), delta, relative);
  });

  it.each([
    [1, 1e-5, 3.73063163],
    [1, 1e-6, 4.22467889],
    [0.1, 1e-6, 36.30469043],
  ])('for (%d, %d) is calibrated as tightly as can be', (epsilon, delta, noise) => {
    expectClose(noiseOfGaussian(epsilon, delta), noise, 1e-8);
    expect(deltaOfGaussian(noiseOfGaussian(epsilon, delta), epsilon)).toBeLessThanOrEqual(delta);
  });

  it('of a hundred releases costs what one of a tenth of the noise does', () => {
    expectClose(epsilonOfGaussian(composedGaussianNoise(10, 100), 1e-6), 4.886554, 1e-6);
  });

  it('costs nothing when δ covers it all', () => {
    expect(epsilonOfGaussian(100, 0.5)).toBe(0);
  });
});

describe('Rényi privacy', () => {
  const fiftySteps = composeRenyi([{ curve: sampledGaussianRenyi(0.01, 2.5), count: 50 }]);

  it('finds the best order of a constant curve', () => {
    const orders = Array.from({ length: 31 }, (_, i) => i + 2);
    const found = epsilonOfRenyi(() => 1.1, 1e-5, orders);
    expect(found.order).toBe(32);
    expectClose(found.value, 1.32783806176, 1e-11);
  });

  it.each([
    [5, 2.18075656e-3],
    [50, 2.38460375e-2],
    [100, 167.416308],
  ])('of fifty sampled Gaussian steps at the whole order %d is that of the reference', (order, expected) => {
    expectClose(fiftySteps(order), expected, 3e-9);
  });

  // By quadrature of the definition, 30 digits. dp_accounting 0.6.0 gives 6.70579741e-4 and 1.08548710e-3: it adds the
  // terms of the alternating series without their signs, which is an upper bound.
  it.each([
    [1.5, 6.50070897188039709694e-4, 6.70579741e-4],
    [2.5, 1.08541805691812425795e-3, 1.0854871e-3],
  ])('of fifty sampled Gaussian steps at the order %d is exact', (order, exact, reference) => {
    expectClose(fiftySteps(order), exact, 1e-9);
    expect(fiftySteps(order)).toBeLessThan(reference);
  });

  it('of a whole training run is that of the reference', () => {
    const curve = composeRenyi([{ curve: sampledGaussianRenyi(256 / 60_000, 1.1), count: 14_100 }]);
    const found = epsilonOfRenyi(curve, 1e-5);
    expectClose(found.value, 2.600343, 1e-6);
    expect(found.order).toBe(8.1);
  });

  it('is continuous between the series and the sum over whole orders', () => {
    for (const order of [2, 3, 7, 20])
      expectClose(
        sampledGaussianRenyi(0.02, 1.3)(order + 1e-7),
        sampledGaussianRenyi(0.02, 1.3)(order),
        1e-5,
      );
  });

  it.each([
    [1, 0.36787944],
    [2, 0.61912363],
    [10, 0.9286829],
    [100, 0.99304915],
  ])('of the Laplace mechanism at order %d is that of the reference', (order, expected) => {
    expectClose(laplaceRenyi(1)(order), expected, 2e-8);
  });

  it('of a bounded range is that of the reference', () => {
    expectClose(boundedRangeRenyi(1)(1), 0.123301561, 5e-9);
    expectClose(boundedRangeRenyi(1)(1000), 1, 2e-2);
    expectClose(boundedRangeRenyi(1)(1.000001), boundedRangeRenyi(1)(1), 1e-5);
    expect(boundedRangeRenyi(1)(2)).toBeLessThan(2 / 8 + 1e-9);
  });

  it('never promises more than the exact Gaussian trade-off allows', () => {
    for (const noise of [0.8, 2, 10]) {
      expect(epsilonOfRenyi(gaussianRenyi(noise), 1e-6).value).toBeGreaterThan(
        epsilonOfGaussian(noise, 1e-6),
      );
      expect(deltaOfRenyi(gaussianRenyi(noise), 1).value).toBeGreaterThan(deltaOfGaussian(noise, 1));
    }
  });

  it('samples nothing for nothing, and everything like the whole', () => {
    expect(sampledGaussianRenyi(0, 1)(5)).toBe(0);
    expect(sampledGaussianRenyi(1, 2)(5)).toBe(gaussianRenyi(2)(5));
  });
});

describe('basic composition', () => {
  it('adds epsilons and multiplies what does not fail', () => {
    const { epsilon, delta } = composeBasic([
      { epsilon: 1, delta: 0.1 },
      { epsilon: 2, delta: 0.2 },
    ]);
    expect(epsilon).toBe(3);
    expectClose(delta, 0.28);
    expect(composeBasic([])).toEqual({ epsilon: 0, delta: 0 });
  });
});

describe('thresholds for keys that are not public', () => {
  it.each([
    [Math.log(3), 1e-10, { keysPerUnit: 1, perKey: 1 }, 21.33],
    [10 * Math.log(3), 1e-9, { keysPerUnit: 10, perKey: 10 }, 213.28],
  ])('for Laplace noise at (%d, %d) are those of Google', (epsilon, delta, bounds, expected) => {
    expect(laplaceThreshold(epsilon, delta, bounds)).toBeCloseTo(expected, 2);
  });

  it('for discrete Laplace noise have the tail of Tumult', () => {
    // Shown at ≥ 50 with one unit: the noise exceeds 48.
    expectClose(discreteLaplaceTail(1, 48), 3.8328565409781243e-22, 1e-13);
  });

  it('for discrete Laplace noise are the least that keep δ, with the comparison they are for', () => {
    for (const [scale, delta, keysPerUnit] of [
      [1, 1e-5, 1],
      [1, 0.4, 1],
      [12.5, 1e-9, 3],
      [0.2, 1e-3, 2],
    ] as const) {
      const threshold = discreteLaplaceThreshold(scale, delta, { keysPerUnit, perKey: 2 });
      const joint = (t: number) => 1 - (1 - discreteLaplaceTail(scale, t - 2)) ** keysPerUnit;
      expect(joint(threshold)).toBeLessThanOrEqual(delta * (1 + 1e-9));
      if (threshold > 2) expect(joint(threshold - 1)).toBeGreaterThan(delta);
    }
  });

  it('for Gaussian noise keep δ', () => {
    expect(gaussianThreshold(2, 1e-5, { keysPerUnit: 1, perKey: 1 })).toBeCloseTo(
      1 + 2 * 4.264890793922602,
      9,
    );
  });
});

describe('the truncated geometric rule', () => {
  it('keeps keys with the probabilities of Google', () => {
    const probabilities = [1, 2, 3, 4, 5].map((n) => keepProbability(Math.log(2), 0.1, n));
    [0.1, 0.3, 0.7, 0.9, 1].forEach((expected, i) => expect(probabilities[i]).toBeCloseTo(expected, 12));
  });

  it('never shows a key of nobody, and is private between neighbours', () => {
    expect(keepProbability(1, 1e-6, 0)).toBe(0);
    for (let n = 0; n < 60; n += 1) {
      const [here, next] = [keepProbability(0.5, 1e-4, n), keepProbability(0.5, 1e-4, n + 1)];
      expect(next).toBeLessThanOrEqual(Math.exp(0.5) * here + 1e-4 + 1e-12);
      expect(1 - here).toBeLessThanOrEqual(Math.exp(0.5) * (1 - next) + 1e-4 + 1e-12);
    }
  });
});
