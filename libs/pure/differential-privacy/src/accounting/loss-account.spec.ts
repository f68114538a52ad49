import { laplaceProfile, sampledGaussianProfile } from './privacy-profile.js';
import { deltaOfGaussian, epsilonOfGaussian } from './gaussian.js';
import { calibrateNoise, LossAccount } from './loss-account.js';
import { multiplySpectra, raiseSpectrum, spectrumOf, valuesOf } from '../numerics/fourier.js';

function expectClose(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);
}

describe('the Fourier transform', () => {
  it('convolves circularly', () => {
    const [a, b] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(0.5, 0, 0.25, 1)];
    const expected = a.map((_, i) => b.reduce((sum, value, j) => sum + value * (a[(i - j + 4) % 4] ?? 0), 0));
    const product = valuesOf(multiplySpectra(spectrumOf(a), spectrumOf(b)));
    product.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? 0, 13));
  });

  it('raises to a power like repeated convolution', () => {
    const coin = new Float64Array(16);
    coin.set([0.5, 0.5]);
    const heads = valuesOf(raiseSpectrum(spectrumOf(coin), 10));
    [1, 10, 45, 120, 210, 252].forEach((ways, k) => expect(heads[k]).toBeCloseTo(ways / 1024, 14));
  });
});

describe('privacy profiles', () => {
  it('of the Gaussian at full rate is the exact trade-off', () => {
    const { forward, backward } = sampledGaussianProfile(1, 2);
    for (const epsilon of [0, 0.1, 1, 3]) {
      expectClose(forward.delta(epsilon), deltaOfGaussian(2, epsilon), 1e-12);
      expectClose(backward.delta(epsilon), deltaOfGaussian(2, epsilon), 1e-12);
    }
  });

  it.each([
    ['Laplace', laplaceProfile(0.7)],
    ['Gaussian', sampledGaussianProfile(1, 0.8)],
    ['sampled Gaussian', sampledGaussianProfile(0.1, 0.8)],
  ])('of the %s have an excess that is δ less what any two tables give', (_, pair) => {
    for (const profile of [pair.forward, pair.backward])
      for (const epsilon of [-0.9, -0.3, -0.05, 0, 0.2, 1.1])
        expect(profile.excess(epsilon)).toBeCloseTo(profile.delta(epsilon) + Math.expm1(epsilon), 13);
  });
});

describe('the account of privacy losses', () => {
  it('of three sampled Gaussian releases is that of the reference', () => {
    const account = LossAccount.of(sampledGaussianProfile(0.2, 0.5)).times(3);
    expectClose(account.delta(1), 0.155933, 1e-5);
  });

  it('of a hundred Gaussian releases is that of one with a tenth of the noise, from above', () => {
    const account = LossAccount.of(sampledGaussianProfile(1, 10)).times(100);
    expectClose(account.epsilon(1e-6), 4.886554, 1e-6);
    expect(account.epsilon(1e-6)).toBeGreaterThanOrEqual(epsilonOfGaussian(1, 1e-6));
    for (const epsilon of [0.5, 2, 4]) {
      expect(account.delta(epsilon)).toBeGreaterThanOrEqual(deltaOfGaussian(1, epsilon));
      expectClose(account.delta(epsilon), deltaOfGaussian(1, epsilon), 1e-5);
    }
  });

  it('of a whole training run is that of the reference', () => {
    const account = LossAccount.of(sampledGaussianProfile(256 / 60_000, 1.1)).times(14_100);
    expectClose(account.epsilon(1e-5), 2.385211, 1e-4);
  });

  it('composes different releases in any order and grouping', () => {
    const [a, b] = [
      LossAccount.of(laplaceProfile(0.3), 1e-3),
      LossAccount.of(sampledGaussianProfile(1, 3), 1e-3),
    ];
    const one = a.with(b).with(b).delta(0.7);
    expectClose(b.times(2).with(a).delta(0.7), one, 1e-9);
    expectClose(b.with(a).with(b).delta(0.7), one, 1e-9);
    expect(() => a.with(LossAccount.of(laplaceProfile(0.3), 1e-4))).toThrow(/different grids/);
  });

  it('of one Laplace release is pure', () => {
    const account = LossAccount.of(laplaceProfile(0.5));
    expect(account.delta(0.5001)).toBeLessThan(1e-12);
    expectClose(account.delta(0.2), -Math.expm1((0.2 - 0.5) / 2), 1e-9);
  });

  it('never falls below, whatever the grid', () => {
    const exact = deltaOfGaussian(2 / Math.sqrt(8), 1.5);
    for (const step of [0.2, 0.05, 0.01]) {
      const delta = LossAccount.of(sampledGaussianProfile(1, 2), step).times(8).delta(1.5);
      expect(delta).toBeGreaterThanOrEqual(exact);
    }
  });
});

describe('noise for a target', () => {
  it('of one sampled Gaussian release is that of the reference', () => {
    const noise = calibrateNoise((sigma) => sampledGaussianProfile(0.01, sigma), 1, {
      epsilon: 1,
      delta: 1e-5,
    });
    expectClose(noise, 0.67379294682, 2e-6);
  });

  it.each([
    [20, 13.6, 1e-3],
    [500, 71, 1e-3],
  ])('of %d Laplace releases is that of the reference', (releases, scale, step) => {
    const found = calibrateNoise((b) => laplaceProfile(1 / b), releases, { epsilon: 1, delta: 1e-4 }, step);
    expect(Math.abs(found - scale)).toBeLessThan(0.1);
  });
});
