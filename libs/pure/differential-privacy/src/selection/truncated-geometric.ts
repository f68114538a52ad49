import { requireDelta } from '../accounting/composition.js';

/**
 * The greatest probability with which a key of n units may be shown under (ε, δ), for one key per unit:
 * πₙ = min(e^ε·πₙ₋₁ + δ, 1 − e^−ε·(1 − πₙ₋₁ − δ), 1), π₀ = 0. With more keys per unit pass ε/L0 and δ/L0.
 *
 * Neighbours: add or remove one unit. Cost: (ε, δ). Optimal among all rules that look at the count alone.
 * Source: Desfontaines, Voss, Gipson, Mandayam, arXiv 2006.03684, theorem 1.
 */
export function keepProbability(epsilon: number, delta: number, units: number): number {
  requireDelta(delta);
  let probability = 0;
  for (let n = 1; n <= units && probability < 1; n += 1) {
    probability = Math.min(
      Math.exp(epsilon) * probability + delta,
      1 - Math.exp(-epsilon) * (1 - probability - delta),
      1,
    );
  }
  return probability;
}
