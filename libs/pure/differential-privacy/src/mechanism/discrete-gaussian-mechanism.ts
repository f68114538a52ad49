import { normalCumulative, normalQuantile } from '../numerics/normal.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { divide, multiply, rational, toNumber, type Rational } from '../rational.js';
import { sampleDiscreteGaussian } from '../sampling/discrete-gaussian.js';
import {
  requireOpenProbability,
  requirePositive,
  type IntegerMechanism,
  type NeighbouringRelation,
  type PrivacyLoss,
} from './mechanism.js';

/** The greatest possible sum of squared changes (Δ₂²: an integer, where Δ₂ seldom is). */
export interface SquaredSensitivity {
  readonly neighbours: NeighbouringRelation;
  readonly squared: bigint;
}

/**
 * Adds discrete Gaussian noise of parameter σ to integers.
 *
 * Neighbours: as declared with the sensitivity. Sensitivity: Δ₂. Cost: ρ = Δ₂²/(2σ²), zero-concentrated.
 * Preconditions: what is released are exact integers, and Δ₂ bounds every pair of neighbouring tables.
 * Source: Canonne, Kamath, Steinke, arXiv 2004.00010, section 2.
 */
export class DiscreteGaussianMechanism implements IntegerMechanism {
  readonly name = 'discrete_gaussian';
  readonly citation = 'arXiv:2004.00010';
  readonly neighbours: NeighbouringRelation;
  readonly cost: PrivacyLoss;

  private constructor(
    readonly scale: Rational,
    sensitivity: SquaredSensitivity,
  ) {
    this.neighbours = sensitivity.neighbours;
    this.cost = this.lossAt(sensitivity.squared);
  }

  /** The mechanism with parameter `sigma`. Fails with `parameter_invalid` unless σ and the sensitivity are positive. */
  static withScale(sigma: Rational, sensitivity: SquaredSensitivity): DiscreteGaussianMechanism {
    requirePositive(sensitivity.squared, 'A sensitivity');
    requirePositive(sigma.numerator, 'A scale');
    return new DiscreteGaussianMechanism(sigma, sensitivity);
  }

  /** The privacy map: the loss between answers whose squared Euclidean distance is `squaredDistance`. */
  lossAt(squaredDistance: bigint): PrivacyLoss {
    const variance = multiply(this.scale, this.scale);
    return { definition: 'zero_concentrated', rho: divide(rational(squaredDistance, 2n), variance) };
  }

  release(exact: bigint, random: RandomBits): bigint {
    return exact + sampleDiscreteGaussian(this.scale, random);
  }

  /** From P[Y ≥ m] ≤ P[N(0, σ²) ≥ m − 1] for integers m (arXiv 2004.00010, section 2.3). */
  halfWidth(confidence: number): bigint {
    requireOpenProbability(confidence, 'A confidence');
    const least = toNumber(this.scale) * -normalQuantile((1 - confidence) / 2);
    return BigInt(Math.ceil(least * (1 + 2 ** -40)));
  }

  /** P[Z > t] = P[Z ≥ t + 1] ≤ P[N(0, σ²) ≥ t] (arXiv 2004.00010, section 2.3). */
  upperTail(t: bigint): number {
    return normalCumulative(-Number(t) / toNumber(this.scale));
  }

  /** At most σ (arXiv 2004.00010, section 2.2), and for σ ≥ 1 equal to it for every practical purpose. */
  get standardDeviation(): number {
    return toNumber(this.scale);
  }
}
