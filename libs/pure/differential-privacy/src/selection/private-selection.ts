import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import { requirePositive, type NeighbouringRelation } from '../mechanism/mechanism.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { divide, multiply, rational, type Rational } from '../rational.js';
import { bernoulliExp } from '../sampling/bernoulli.js';
import { randomOrder } from '../sampling/random-order.js';
import { uniformBelow } from '../sampling/uniform.js';
import { rhoOfBoundedRange, rhoOfPure } from '../accounting/zero-concentrated.js';

export interface ScoreSensitivity {
  readonly neighbours: NeighbouringRelation;
  /** The greatest change of any one score (Δ∞). */
  readonly perScore: bigint;
  /** Whether adding a unit can only raise scores (or only lower them), as counts do. Then half the noise will do. */
  readonly monotonic: boolean;
}

/**
 * Picks the index of a high score among exact integer scores.
 *
 * Neighbours: as declared. Sensitivity: Δ∞ of the scores. Cost: ε, pure, with scale 2Δ∞/ε (Δ∞/ε for monotonic scores).
 * `permute_and_flip` is never worse in expectation; its ρ is ε²/2. `exponential` has a bounded range, so its ρ is ε²/8.
 * Charging the one like the other under zCDP loses a factor of four (opendp#2911).
 * Source: McSherry and Talwar 2007; McKenna and Sheldon, arXiv 2010.12603; bounded range: arXiv 1909.13830.
 */
export class PrivateSelection {
  /** Of the exponential's exponent: score/scale. */
  readonly scale: Rational;

  private constructor(
    readonly name: 'permute_and_flip' | 'exponential',
    readonly epsilon: Rational,
    readonly sensitivity: ScoreSensitivity,
  ) {
    const factor = sensitivity.monotonic ? 1n : 2n;
    this.scale = divide(rational(factor * sensitivity.perScore), epsilon);
  }

  /** Fails with `parameter_invalid` unless epsilon and sensitivity are positive. */
  static costing(
    epsilon: Rational,
    sensitivity: ScoreSensitivity,
    name: 'permute_and_flip' | 'exponential' = 'permute_and_flip',
  ): PrivateSelection {
    requirePositive(sensitivity.perScore, 'A sensitivity');
    requirePositive(epsilon.numerator, 'Epsilon');
    return new PrivateSelection(name, epsilon, sensitivity);
  }

  /** The loss under zero-concentrated accounting. */
  get rho(): Rational {
    return this.name === 'exponential' ? rhoOfBoundedRange(this.epsilon) : rhoOfPure(this.epsilon);
  }

  /** The loss when every score may change by `perScore` other than declared: ε scales with it. */
  epsilonAt(perScore: bigint): Rational {
    return multiply(this.epsilon, rational(perScore, this.sensitivity.perScore));
  }

  /** An index into `scores`. Fails with `parameter_invalid` when there are none. */
  select(scores: readonly bigint[], random: RandomBits): number {
    if (scores.length === 0)
      throw new DifferentialPrivacyError('parameter_invalid', 'There is nothing to select from.');
    const highest = scores.reduce((high, score) => (score > high ? score : high));
    const accepted = (score: bigint) =>
      bernoulliExp((highest - score) * this.scale.denominator, this.scale.numerator, random);
    return this.name === 'exponential'
      ? selectWithReplacement(scores, accepted, random)
      : selectInOrder(scores, accepted, random);
  }
}

/** Visits the candidates in random order and takes the first that is accepted; the highest always is. */
function selectInOrder(
  scores: readonly bigint[],
  accepted: (score: bigint) => boolean,
  random: RandomBits,
): number {
  for (const [index, score] of randomOrder([...scores.entries()], random)) if (accepted(score)) return index;
  throw new Error('the highest score is accepted with probability 1');
}

/** The same with replacement: each try is proportional to e^(score/scale), so the first accepted is too. */
function selectWithReplacement(
  scores: readonly bigint[],
  accepted: (score: bigint) => boolean,
  random: RandomBits,
): number {
  for (;;) {
    const index = Number(uniformBelow(BigInt(scores.length), random));
    if (accepted(scores[index] ?? 0n)) return index;
  }
}
