import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import { requireDelta } from '../accounting/composition.js';
import { LossAccount } from '../accounting/loss-account.js';
import { sampledGaussianProfile } from '../accounting/privacy-profile.js';
import {
  RENYI_ORDERS,
  composeRenyi,
  epsilonOfRenyi,
  sampledGaussianRenyi,
  type AtOrder,
} from '../accounting/renyi.js';
import { CLIP_STEPS } from './clipped-gradient.js';

/** Rates and noise are kept in these parts, so that what is accounted for is what is drawn. */
export const RATE_PARTS = 2 ** 20;
export const NOISE_PARTS = 64;

/** Everything that the loss of a training depends on. */
export interface TrainingMechanism {
  /** Each unit is in each batch with probability `rateParts`/2²⁰, by a draw of its own. */
  readonly rateParts: number;
  /** The noise has σ = `noiseParts`/64 clipping norms. */
  readonly noiseParts: number;
  readonly steps: number;
  /** How many numbers are trained. */
  readonly parameters: number;
}

export interface TrainingLoss {
  /** By privacy loss distributions: what is charged. */
  readonly epsilon: number;
  /** The same by Rényi divergences: never less, by another way. */
  readonly renyiEpsilon: number;
  readonly renyiOrder: number;
  /** The part of both that is for noise being drawn on integers. */
  readonly allowance: number;
}

export const LARGEST_TRAINING_EPSILON = 20;
export const SMALLEST_TRAINING_DELTA = 1e-9;

/** Standard deviations within which discrete and rounded noise are compared; beyond lies 5e-38 of either. */
const REACH = 13;

/**
 * Discrete Gaussian noise is not continuous Gaussian noise, for which the account of a Poisson sample is proved. Rounding
 * continuous noise to the grid is post-processing, so the account holds for *that*; and on |n| ≤ 13σ the two
 * distributions differ by a factor between e^(−1/8σ²) and e^(n²/8σ⁴) (from ∫cosh(nt/σ²)e^(−t²/2σ²)dt over a step, and
 * sums of e^(−n²/2σ²) that differ from √(2π)σ by less than 1e-300 at these σ). Over all draws of a training: η in all, so
 * that (ε, δ) for the one is (ε + 2η, e^η·δ + 3·e^ε·tail) for the other.
 */
function discreteNoiseAllowance({ noiseParts, steps, parameters }: TrainingMechanism): number {
  const sigma = (noiseParts / NOISE_PARTS) * CLIP_STEPS;
  return (steps * parameters * (REACH * REACH + 1)) / (8 * sigma * sigma);
}

/**
 * What a training costs at `delta`: T times a Gaussian of σ/Δ = z on a Poisson sample, neighbours by adding or removing one
 * unit, plus the allowance above.
 *
 * Source: Abadi et al., arXiv 1607.00133; Mironov, Talwar, Zhang, arXiv 1908.10530; loss distributions as in `LossAccount`.
 * Fails with `parameter_invalid` for parameters that no training has.
 */
export function trainingLoss(mechanism: TrainingMechanism, delta: number): TrainingLoss {
  requireMechanism(mechanism, delta);
  const { steps } = mechanism;
  const [rate, noise] = [mechanism.rateParts / RATE_PARTS, mechanism.noiseParts / NOISE_PARTS];
  const eta = discreteNoiseAllowance(mechanism);
  // e^η·(1 − 2η − 1e-9) + 3e^ε·tail ≤ 1: the tail of all draws is below 1e-9·δ by thirteen orders of magnitude.
  const inner = delta * (1 - 2 * eta - 1e-9);
  const account = LossAccount.of(sampledGaussianProfile(rate, noise), lossStep(steps)).times(steps);
  const renyi = renyiLoss(mechanism, inner);
  return {
    epsilon: account.epsilon(inner) + 2 * eta,
    renyiEpsilon: renyi.value,
    renyiOrder: renyi.order,
    allowance: 2 * eta,
  };
}

/** The allowance included. */
function renyiLoss(mechanism: TrainingMechanism, delta: number, orders = RENYI_ORDERS): AtOrder {
  const [rate, noise] = [mechanism.rateParts / RATE_PARTS, mechanism.noiseParts / NOISE_PARTS];
  const curve = composeRenyi([{ curve: sampledGaussianRenyi(rate, noise), count: mechanism.steps }]);
  const { value, order } = epsilonOfRenyi(curve, delta, orders);
  return { value: value + 2 * discreteNoiseAllowance(mechanism), order };
}

/** Longer compositions need a finer grid for the same error, shorter ones can do with a coarse one. */
function lossStep(steps: number): number {
  return steps > 5000 ? 1e-4 : steps > 500 ? 5e-4 : 1e-3;
}

/**
 * The least noise, in 64ths of the clipping norm, for which a training stays within (ε, δ).
 * Fails with `parameter_invalid` when a thousand clipping norms of it would not do.
 */
export function calibrateTraining(
  without: Omit<TrainingMechanism, 'noiseParts'>,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
): TrainingMechanism {
  const lossAt = (noiseParts: number) => ({ ...without, noiseParts });
  // Rényi divergences of whole orders say quickly, and from above, where to look.
  const enough = (noiseParts: number) => renyiLoss(lossAt(noiseParts), delta, WHOLE_ORDERS).value <= epsilon;
  const most = 1000 * NOISE_PARTS;
  if (!enough(most))
    throw new DifferentialPrivacyError('parameter_invalid', 'No noise makes so long a training so private.');
  let above = leastFitting(LEAST_NOISE_PARTS, most, enough);
  const exact = (noiseParts: number) => trainingLoss(lossAt(noiseParts), delta).epsilon <= epsilon;
  while (!exact(above)) above += 1;
  const below = Math.max(LEAST_NOISE_PARTS, Math.floor(above * 0.8));
  return lossAt(leastFitting(exact(below) ? LEAST_NOISE_PARTS : below, above, exact));
}

/** The least number that fits, of which all larger ones do; `high` does. */
function leastFitting(low: number, high: number, fits: (parts: number) => boolean): number {
  let [below, above] = [low - 1, high];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (fits(middle)) above = middle;
    else below = middle;
  }
  return above;
}

const WHOLE_ORDERS = RENYI_ORDERS.filter(Number.isInteger);

/** Below a quarter of the clipping norm the account says nothing worth having. */
const LEAST_NOISE_PARTS = 16;

function requireMechanism({ rateParts, noiseParts, steps, parameters }: TrainingMechanism, delta: number) {
  requireDelta(delta);
  const whole = [rateParts, noiseParts, steps, parameters].every(
    (value) => Number.isSafeInteger(value) && value > 0,
  );
  if (!whole || rateParts > RATE_PARTS || noiseParts < LEAST_NOISE_PARTS || delta < SMALLEST_TRAINING_DELTA)
    throw new DifferentialPrivacyError('parameter_invalid', 'No training has these parameters.');
}
