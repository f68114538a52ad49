import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { toNumber, type Rational } from '../rational.js';
import { bernoulliExp } from '../sampling/bernoulli.js';
import { uniformBelow } from '../sampling/uniform.js';
import { requirePositive } from './mechanism.js';

/**
 * Reports one of `categories` values, the true one e^ε times as often as any one other.
 *
 * Local: each unit adds its own noise before anybody sees its value. Cost: ε per report, pure, whatever two values are
 * exchanged. Source: Warner 1965; Kairouz, Bonawitz, Ramage, arXiv 1602.07387 (the k-ary form).
 */
export class RandomisedResponse {
  private constructor(
    readonly categories: number,
    readonly epsilon: Rational,
  ) {}

  /** Fails with `parameter_invalid` below two categories or for an epsilon of 0. */
  static costing(epsilon: Rational, categories: number): RandomisedResponse {
    requirePositive(epsilon.numerator, 'Epsilon');
    if (!Number.isSafeInteger(categories) || categories < 2)
      throw new DifferentialPrivacyError('parameter_invalid', 'There must be at least two categories.');
    return new RandomisedResponse(categories, epsilon);
  }

  /** Exactly: draws a value uniformly; keeps it if true, else with probability e^−ε; draws again otherwise. */
  report(category: number, random: RandomBits): number {
    for (;;) {
      const draw = Number(uniformBelow(BigInt(this.categories), random));
      if (draw === category || bernoulliExp(this.epsilon.numerator, this.epsilon.denominator, random))
        return draw;
    }
  }

  /** The unbiased estimate of how many units are of a category, from how many reports of it there are among all. */
  estimate(reports: number, all: number): number {
    const weight = Math.exp(toNumber(this.epsilon));
    const [kept, other] = [weight / (weight + this.categories - 1), 1 / (weight + this.categories - 1)];
    return (reports - all * other) / (kept - other);
  }
}
