import { bracketRoot } from '../numerics/bisect.js';
import { complementaryError, scaledComplementaryError } from '../numerics/error-function.js';
import { requireDelta, roundedUp } from './composition.js';

/**
 * The exact trade-off of Gaussian noise of standard deviation σ on a value of sensitivity Δ, with `noise` = σ/Δ.
 * For continuous noise; the discrete Gaussian's own δ differs by less than 1e-9 once σ ≥ 2 and is never used here.
 * Source: Balle and Wang, arXiv 1805.06530, theorem 8.
 */

/** δ(ε) = Φ(1/(2s) − εs) − e^ε·Φ(−1/(2s) − εs), with s = σ/Δ, written so that neither term overflows or cancels early. */
export function deltaOfGaussian(noise: number, epsilon: number): number {
  const near = (epsilon * noise - 1 / (2 * noise)) / Math.SQRT2;
  const far = (epsilon * noise + 1 / (2 * noise)) / Math.SQRT2;
  const delta =
    near > 0
      ? (Math.exp(-near * near) * (scaledComplementaryError(near) - scaledComplementaryError(far))) / 2
      : (complementaryError(near) - Math.exp(-near * near) * scaledComplementaryError(far)) / 2;
  return Math.min(1, Math.max(0, roundedUp(delta)));
}

/** The least ε ≥ 0 with δ(ε) ≤ `delta`, from above. */
export function epsilonOfGaussian(noise: number, delta: number): number {
  requireDelta(delta);
  if (deltaOfGaussian(noise, 0) <= delta) return 0;
  let high = 1;
  while (deltaOfGaussian(noise, high) > delta) high *= 2;
  return bracketRoot((epsilon) => delta - deltaOfGaussian(noise, epsilon), 0, high).above;
}

/** The least σ/Δ that gives (ε, δ), from above. */
export function noiseOfGaussian(epsilon: number, delta: number): number {
  requireDelta(delta);
  let high = 1;
  while (deltaOfGaussian(high, epsilon) > delta) high *= 2;
  return bracketRoot((noise) => delta - deltaOfGaussian(noise, epsilon), high * 2 ** -60, high).above;
}

/** `count` Gaussian releases, of σ/Δ = `noise` each, are together one of this. Exact; arXiv 1905.02383, corollary 3.3. */
export function composedGaussianNoise(noise: number, count: number): number {
  return noise / Math.sqrt(count);
}
