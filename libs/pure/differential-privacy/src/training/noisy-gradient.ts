import type { RandomBits } from '../randomness/random-bits.js';
import { rational } from '../rational.js';
import { sampleDiscreteGaussian } from '../sampling/discrete-gaussian.js';
import { addClipped, CLIP_STEPS } from './clipped-gradient.js';
import { NOISE_PARTS, RATE_PARTS, type TrainingMechanism } from './training-loss.js';

const RATE_BITS = Math.log2(RATE_PARTS);

/**
 * One step of differentially private gradient descent: draws a batch, and releases the noisy sum of its units' gradients.
 *
 * Neighbours: add or remove one unit. Sensitivity: each unit adds at most 2²⁴ steps of the grid in Euclidean norm.
 * Cost: see `trainingLoss`, for as many steps as were declared there. Randomness: exact draws on integers; no float takes
 * part between clipping and noise, so that neither low bits (Mironov 2012) nor the precision of a sum (arXiv 2207.13793)
 * nor float Gaussians (arXiv 2112.05307) give anything away.
 * Not protected: how long a step takes, which depends on the size of the batch.
 */
export class NoisyGradient {
  private readonly sigma;

  constructor(
    private readonly mechanism: TrainingMechanism,
    private readonly clip: number,
    private readonly random: RandomBits,
  ) {
    this.sigma = rational(BigInt(mechanism.noiseParts * (CLIP_STEPS / NOISE_PARTS)));
  }

  /** Positions of the units in the next batch, of `units` in all: each by a draw of its own (Poisson sampling). */
  batch(units: number): number[] {
    const chosen: number[] = [];
    for (let unit = 0; unit < units; unit += 1) if (this.isDrawn()) chosen.push(unit);
    return chosen;
  }

  private isDrawn(): boolean {
    const { rateParts } = this.mechanism;
    return rateParts === RATE_PARTS || this.random.take(RATE_BITS) < rateParts;
  }

  /** The noisy sum of the batch's clipped gradients, one a unit, in the gradients' own unit. */
  release(gradients: Iterable<ArrayLike<number>>): Float64Array {
    const sum = new Float64Array(this.mechanism.parameters);
    for (const gradient of gradients) addClipped(gradient, this.clip, sum);
    const step = this.clip / CLIP_STEPS;
    return sum.map((exact) => Number(BigInt(exact) + sampleDiscreteGaussian(this.sigma, this.random)) * step);
  }
}
