import { sampledGaussianProfile } from '../accounting/privacy-profile.js';
import { deltaOfRho } from '../accounting/zero-concentrated.js';
import { DiscreteGaussianMechanism } from '../mechanism/discrete-gaussian-mechanism.js';
import { DiscreteLaplaceMechanism } from '../mechanism/discrete-laplace-mechanism.js';
import { RandomisedResponse } from '../mechanism/randomised-response.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { rational } from '../rational.js';
import { discreteLaplaceThreshold } from '../selection/noise-threshold.js';
import { PrivateSelection } from '../selection/private-selection.js';
import { keepProbability } from '../selection/truncated-geometric.js';
import { ExactMarginals } from '../synthesis/exact-marginals.js';
import { planSynthesis } from '../synthesis/synthesis-plan.js';
import { NoisyGradient } from '../training/noisy-gradient.js';
import { NOISE_PARTS, RATE_PARTS } from '../training/training-loss.js';
import type { NeighbouringRuns, PrivacyClaim } from './privacy-audit.js';

/** A mechanism with what it claims, on neighbouring inputs that come near the claim; and the same with a bug. */
export interface AuditedMechanism {
  readonly name: string;
  readonly claim: PrivacyClaim;
  readonly runs: (random: RandomBits) => NeighbouringRuns;
  readonly bug: string;
  readonly planted: (random: RandomBits) => NeighbouringRuns;
}

const neighbours = 'add_or_remove_unit';
const ONE = rational(1n);
const PURE_ONE = { definition: 'pure', epsilon: ONE } as const;
const PURE: PrivacyClaim = { epsilon: 1, delta: 0 };
const DELTA = 0.05;

/** A unit that counts with 2. */
function laplace(absolute: bigint) {
  const mechanism = DiscreteLaplaceMechanism.costing(ONE, { neighbours, absolute });
  return (random: RandomBits) => ({
    here: () => Number(mechanism.release(2n, random)),
    there: () => Number(mechanism.release(0n, random)),
  });
}

function gaussian(sigma: bigint) {
  const mechanism = DiscreteGaussianMechanism.withScale(rational(sigma), { neighbours, squared: 1n });
  return (random: RandomBits) => ({
    here: () => Number(mechanism.release(1n, random)),
    there: () => Number(mechanism.release(0n, random)),
  });
}

/** Scores that move in both directions: one falls by 1, all others rise by 1. */
function selection(name: 'permute_and_flip' | 'exponential', monotonic: boolean) {
  const mechanism = PrivateSelection.costing(ONE, { neighbours, perScore: 1n, monotonic }, name);
  const others = Array.from({ length: 20 });
  const [before, after] = [
    [1n, ...others.map(() => 0n)],
    [0n, ...others.map(() => 1n)],
  ];
  return (random: RandomBits) => ({
    here: () => mechanism.select(before, random),
    there: () => mechanism.select(after, random),
  });
}

function response(epsilon: bigint) {
  const mechanism = RandomisedResponse.costing(rational(epsilon), 4);
  return (random: RandomBits) => ({
    here: () => mechanism.report(0, random),
    there: () => mechanism.report(1, random),
  });
}

/** A key of one unit, which without that unit is not there at all. */
function threshold(shows: (noisy: number, threshold: number) => boolean) {
  const mechanism = DiscreteLaplaceMechanism.costing(ONE, { neighbours, absolute: 1n });
  const least = discreteLaplaceThreshold(1, DELTA, { keysPerUnit: 1, perKey: 1 });
  return (random: RandomBits) => ({
    here: () => (shows(Number(mechanism.release(1n, random)), least) ? 1 : 0),
    there: () => 0,
  });
}

function keeping(units: number) {
  const probability = keepProbability(1, DELTA, units);
  return (random: RandomBits) => ({
    here: () => (random.take(32) < probability * 2 ** 32 ? 1 : 0),
    there: () => 0,
  });
}

/** A unit with two rows of the same values: it is in three cells. The outcome says which of them look as if it were there. */
function marginals(rowsPerUnit: bigint) {
  const plan = planSynthesis([2, 2], PURE_ONE, rowsPerUnit);
  const table = (rows: bigint) => [
    new ExactMarginals(
      [
        [rows, 0n],
        [rows, 0n],
      ],
      [[rows, 0n, 0n, 0n]],
    ),
  ];
  const outcome = ([exact]: ExactMarginals[], random: RandomBits) => {
    const { singles, pairs } = exact?.release(plan, random) ?? { singles: [], pairs: [] };
    const cells = [singles[0]?.[0], singles[1]?.[0], pairs[0]?.noisy[0]];
    return cells.reduce((bits, noisy = 0n, i) => bits + (noisy >= 2n ? 2 ** i : 0), 0);
  };
  const [here, there] = [table(2n), table(0n)];
  return (random: RandomBits) => ({
    here: () => outcome(here, random),
    there: () => outcome(there, random),
  });
}

/** A row that brings one pair nearer to what its columns let expect, and all others further from it. */
function choiceOfPair(monotonic: boolean) {
  const columns = 6;
  const { candidates } = planSynthesis(
    Array.from({ length: columns }, () => 2),
    PURE_ONE,
    1n,
  );
  const precise = planSynthesis([2], { definition: 'pure', epsilon: rational(1000n) }, 1n).single;
  const selection = PrivateSelection.costing(ONE, { neighbours, perScore: 1n, monotonic });
  const plan = {
    ...planSynthesis(
      Array.from({ length: columns }, () => 2),
      PURE_ONE,
      1n,
    ),
    single: precise,
    pair: precise,
    selection,
    links: 1,
  };
  const table = (row: bigint) =>
    new ExactMarginals(
      Array.from({ length: columns }, () => [50n, 50n]),
      candidates.map((_, c) => [(c === 0 ? 24n : 25n) + row, 25n, 25n, 25n]),
    );
  const chosen = (exact: ExactMarginals, random: RandomBits) => {
    const [pair] = exact.release(plan, random).pairs;
    return pair?.left === 0 && pair.right === 1 ? 1 : 0;
  };
  const [here, there] = [table(1n), table(0n)];
  return (random: RandomBits) => ({ here: () => chosen(here, random), there: () => chosen(there, random) });
}

/** A step whose unit has two rows, in a batch half of the time; its gradient is as long as it may be. */
function trainingStep(unitGradients: readonly Float64Array[]) {
  const mechanism = { rateParts: RATE_PARTS / 2, noiseParts: NOISE_PARTS, steps: 1, parameters: 1 };
  return (random: RandomBits) => {
    const noisy = new NoisyGradient(mechanism, 1, random);
    // Cells of an eighth of σ.
    const outcome = (gradients: readonly Float64Array[]) =>
      Math.round(8 * (noisy.release(gradients)[0] ?? 0));
    return {
      here: () => outcome(noisy.batch(1).length === 1 ? unitGradients : []),
      there: () => outcome([]),
    };
  };
}

export const auditedMechanisms: readonly AuditedMechanism[] = [
  {
    name: 'discrete Laplace',
    claim: PURE,
    runs: laplace(2n),
    bug: 'noise for half the sensitivity',
    planted: laplace(1n),
  },
  {
    name: 'discrete Gaussian',
    claim: { epsilon: 1, delta: deltaOfRho(1 / 8, 1) },
    runs: gaussian(2n),
    bug: 'σ halved',
    planted: gaussian(1n),
  },
  {
    name: 'permute and flip',
    claim: PURE,
    runs: selection('permute_and_flip', false),
    bug: 'scores taken for monotonic',
    planted: selection('permute_and_flip', true),
  },
  {
    name: 'exponential selection',
    claim: PURE,
    runs: selection('exponential', false),
    bug: 'scores taken for monotonic',
    planted: selection('exponential', true),
  },
  {
    name: 'randomised response',
    claim: PURE,
    runs: response(1n),
    bug: 'epsilon doubled',
    planted: response(2n),
  },
  {
    name: 'threshold for unknown keys',
    claim: { epsilon: 1, delta: DELTA },
    runs: threshold((noisy, least) => noisy > least),
    bug: 'shown at the threshold itself',
    planted: threshold((noisy, least) => noisy >= least),
  },
  {
    name: 'truncated geometric rule',
    claim: { epsilon: 1, delta: DELTA },
    runs: keeping(1),
    bug: 'counts from 1',
    planted: keeping(2),
  },
  {
    name: 'marginals of a synthetic table',
    claim: PURE,
    runs: marginals(2n),
    bug: 'units of two rows, noise for one',
    planted: marginals(1n),
  },
  {
    name: 'choice of a pair for a synthetic table',
    claim: PURE,
    runs: choiceOfPair(false),
    bug: 'scores taken for monotonic',
    planted: choiceOfPair(true),
  },
  {
    name: 'step of a private training',
    claim: { epsilon: 0.5, delta: sampledGaussianProfile(1 / 2, 1).forward.delta(0.5) },
    runs: trainingStep([Float64Array.of(7)]),
    bug: 'gradients clipped row by row instead of unit by unit',
    planted: trainingStep([Float64Array.of(3), Float64Array.of(4)]),
  },
];
