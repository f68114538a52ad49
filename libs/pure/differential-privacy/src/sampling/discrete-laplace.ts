import type { RandomBits } from '../randomness/random-bits.js';
import type { Rational } from '../rational.js';
import { sampleGeometric } from './geometric.js';

/**
 * A draw z from the discrete Laplace distribution of scale b > 0 on the integers: P[z] ∝ e^(−|z|/b), exactly.
 *
 * The draw (negative, 0) is rejected, or else zero would come up twice as often as it should.
 * Source: Canonne, Kamath, Steinke, arXiv 2004.00010, algorithm 2.
 * Not protected against: the time it takes depends on the value drawn (arXiv 2112.05307); answer at a fixed time.
 */
export function sampleDiscreteLaplace(scale: Rational, random: RandomBits): bigint {
  for (;;) {
    const negative = random.take(1) === 1;
    const magnitude = sampleGeometric(scale.denominator, scale.numerator, random);
    if (!negative) return magnitude;
    if (magnitude !== 0n) return -magnitude;
  }
}
