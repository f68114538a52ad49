import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  composeRenyi,
  DiscreteGaussianMechanism,
  DiscreteLaplaceMechanism,
  epsilonOfRenyi,
  epsilonOfRho,
  laplaceProfile,
  LossAccount,
  noiseOfGaussian,
  rational,
  sampledGaussianProfile,
  sampledGaussianRenyi,
  toNumber,
} from '@castellan/differential-privacy';
import { z } from 'zod';
import { pythonWith } from './python.js';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'account-with-python.py');

const python = await pythonWith('dp_accounting', 'opendp');
if (python === undefined)
  console.warn(
    'Skipped: interop with dp_accounting and OpenDP. It needs a Python with dp-accounting and opendp: set CASTELLAN_PYTHON to one.',
  );

const Theirs = z.object({
  sampledByRenyi: z.number(),
  sampledByLossDistribution: z.number(),
  twentyLaplace: z.number(),
  gaussianNoise: z.record(z.string(), z.number()),
  gaussianRho: z.number(),
  epsilonOfRho: z.number(),
  laplaceEpsilon: z.number(),
});

const STEPS = 14_100;
const RATE = 256 / 60_000;

(python === undefined ? describe.skip : describe)('the accounts of dp_accounting and OpenDP', () => {
  let theirs: z.infer<typeof Theirs>;
  beforeAll(async () => {
    const { stdout } = await run(python ?? '', [script], { maxBuffer: 1 << 20 });
    theirs = Theirs.parse(JSON.parse(stdout));
  }, 120_000);

  it('agree on DP-SGD by Rényi orders and by loss distributions', () => {
    // Their fractional orders add absolute values and so report a little more: see DESIGN.md.
    const renyi = epsilonOfRenyi(
      composeRenyi([{ curve: sampledGaussianRenyi(RATE, 1.1), count: STEPS }]),
      1e-5,
    ).value;
    expect(renyi).toBeLessThanOrEqual(theirs.sampledByRenyi + 1e-6);
    expect(renyi).toBeGreaterThan(theirs.sampledByRenyi * 0.97);
    const profile = sampledGaussianProfile(RATE, 1.1);
    expect(LossAccount.of(profile).times(STEPS).epsilon(1e-5)).toBeCloseTo(
      theirs.sampledByLossDistribution,
      3,
    );
  });

  it('agree on twenty Laplace answers', () => {
    expect(
      LossAccount.of(laplaceProfile(1 / 13.6))
        .times(20)
        .epsilon(1e-4),
    ).toBeCloseTo(theirs.twentyLaplace, 3);
  });

  it('agree on the noise that a Gaussian needs', () => {
    const asked = Object.entries(theirs.gaussianNoise);
    expect(asked.length).toBeGreaterThan(3);
    for (const [parameters, sigma] of asked) {
      const [epsilon = 0, delta = 0] = parameters.split(' ').map(Number);
      expect(noiseOfGaussian(epsilon, delta)).toBeCloseTo(sigma, 5);
    }
  });

  it('agree on what discrete mechanisms cost, and on ρ as (ε, δ)', () => {
    const neighbours = 'add_or_remove_unit';
    const gaussian = DiscreteGaussianMechanism.withScale(rational(4n), { neighbours, squared: 1n });
    expect(gaussian.cost).toEqual({ definition: 'zero_concentrated', rho: rational(1n, 32n) });
    expect(theirs.gaussianRho).toBe(1 / 32);
    expect(epsilonOfRho(1 / 32, 1e-3)).toBeCloseTo(theirs.epsilonOfRho, 12);
    const laplace = DiscreteLaplaceMechanism.costing(rational(1n, 2n), { neighbours, absolute: 6n });
    expect(toNumber(laplace.scale)).toBe(12);
    expect(theirs.laplaceEpsilon).toBe(0.5);
  });
});
