import type { RandomBits } from '../randomness/random-bits.js';
import { divide, rational, toNumber, type Rational } from '../rational.js';
import { discreteLaplaceTail } from '../selection/noise-threshold.js';
import { sampleDiscreteLaplace } from '../sampling/discrete-laplace.js';
import {
  requireOpenProbability,
  requirePositive,
  type IntegerMechanism,
  type NeighbouringRelation,
  type PrivacyLoss,
} from './mechanism.js';

/** The greatest possible sum of absolute changes, over all the integers of one release that one unit touches (Δ₁). */
export interface AbsoluteSensitivity {
  readonly neighbours: NeighbouringRelation;
  readonly absolute: bigint;
}

/**
 * Adds discrete Laplace noise of scale b to integers.
 *
 * Neighbours: as declared with the sensitivity. Sensitivity: Δ₁. Cost: ε = Δ₁/b, pure.
 * Preconditions: what is released are exact integers, and Δ₁ bounds every pair of neighbouring tables.
 * Source: Ghosh, Roughgarden, Sundararajan, SIAM J. Comput. 41 (2012); sampler: arXiv 2004.00010.
 */
export class DiscreteLaplaceMechanism implements IntegerMechanism {
  readonly name = 'discrete_laplace';
  readonly citation = 'arXiv:2004.00010';
  readonly neighbours: NeighbouringRelation;
  readonly cost: PrivacyLoss;

  private constructor(
    readonly scale: Rational,
    sensitivity: AbsoluteSensitivity,
  ) {
    this.neighbours = sensitivity.neighbours;
    this.cost = this.lossAt(sensitivity.absolute);
  }

  /** The mechanism that costs exactly `epsilon`: b = Δ₁/ε. Fails with `parameter_invalid` unless both are positive. */
  static costing(epsilon: Rational, sensitivity: AbsoluteSensitivity): DiscreteLaplaceMechanism {
    requirePositive(sensitivity.absolute, 'A sensitivity');
    requirePositive(epsilon.numerator, 'Epsilon');
    return new DiscreteLaplaceMechanism(divide(rational(sensitivity.absolute), epsilon), sensitivity);
  }

  /** The privacy map: the loss between answers that are `distance` apart in the sum of absolute changes. */
  lossAt(distance: bigint): PrivacyLoss {
    return { definition: 'pure', epsilon: divide(rational(distance), this.scale) };
  }

  release(exact: bigint, random: RandomBits): bigint {
    return exact + sampleDiscreteLaplace(this.scale, random);
  }

  /** From P[|Z| > t] = 2·e^(−(t+1)/b) / (1 + e^(−1/b)); above the least such t by a relative 2⁻⁴⁷ at most. */
  halfWidth(confidence: number): bigint {
    requireOpenProbability(confidence, 'A confidence');
    const b = toNumber(this.scale);
    const least = b * Math.log(2 / ((1 - confidence) * (1 + Math.exp(-1 / b)))) - 1;
    return BigInt(Math.max(0, Math.ceil(least * (1 + 2 ** -48))));
  }

  /** P[Z > t] = e^(−(t+1)/b) / (1 + e^(−1/b)), as in `discreteLaplaceTail`. */
  upperTail(t: bigint): number {
    return discreteLaplaceTail(toNumber(this.scale), Number(t));
  }

  /** √(2p)/(1−p) with p = e^(−1/b). */
  get standardDeviation(): number {
    const rate = 1 / toNumber(this.scale);
    return Math.sqrt(2 * Math.exp(-rate)) / -Math.expm1(-rate);
  }
}
