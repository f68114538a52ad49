import type { RandomBits } from '../randomness/random-bits.js';
import type { Rational } from '../rational.js';
import { bernoulliExp } from './bernoulli.js';
import { sampleDiscreteLaplace } from './discrete-laplace.js';

/**
 * A draw y from the discrete Gaussian on the integers with parameter σ = p/q > 0: P[y] ∝ e^(−y²/2σ²), exactly.
 *
 * Proposes from a discrete Laplace of scale t = ⌊σ⌋ + 1 and accepts with probability e^(−(|y| − σ²/t)²/2σ²).
 * Source: Canonne, Kamath, Steinke, arXiv 2004.00010, algorithm 3.
 * Not protected against: as for the discrete Laplace sampler, the time taken depends on the draws.
 */
export function sampleDiscreteGaussian(
  { numerator: p, denominator: q }: Rational,
  random: RandomBits,
): bigint {
  const t = p / q + 1n;
  const proposal: Rational = { numerator: t, denominator: 1n };
  const denominator = 2n * p * p * q * q * t * t;
  for (;;) {
    const y = sampleDiscreteLaplace(proposal, random);
    const magnitude = y < 0n ? -y : y;
    const distance = magnitude * q * q * t - p * p;
    if (bernoulliExp(distance * distance, denominator, random)) return y;
  }
}
