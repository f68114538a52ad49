import { bracketRoot } from '../numerics/bisect.js';
import { multiply, rational, type Rational } from '../rational.js';
import { requireDelta, roundedUp } from './composition.js';

/**
 * Zero-concentrated differential privacy: Rényi divergence of order α at most α·ρ, for all α > 1. Composes by adding ρ,
 * also adaptively. Source: Bun and Steinke, arXiv 1605.02065.
 */

/** Every ε-private mechanism has ρ = ε²/2 (arXiv 1605.02065, proposition 1.4). */
export function rhoOfPure(epsilon: Rational): Rational {
  return multiply(multiply(epsilon, epsilon), rational(1n, 2n));
}

/** An ε-bounded-range mechanism (the exponential mechanism) has ρ = ε²/8 (arXiv 2004.07223). */
export function rhoOfBoundedRange(epsilon: Rational): Rational {
  return multiply(multiply(epsilon, epsilon), rational(1n, 8n));
}

/**
 * The δ at which ρ-zCDP implies (ε, δ)-DP: the least over α of exp((α−1)(αρ−ε) + α·ln(1−1/α))/(α−1), at most 1.
 * Any α gives a valid δ, so a search that stops early errs upwards. Source: arXiv 2004.00010, corollary 13.
 */
export function deltaOfRho(rho: number, epsilon: number): number {
  if (rho === 0) return 0;
  const slope = (alpha: number) => (2 * alpha - 1) * rho - epsilon + Math.log1p(-1 / alpha);
  const { above: alpha } = bracketRoot(slope, 1.01, (epsilon + 1) / (2 * rho) + 2);
  const exponent = (alpha - 1) * (alpha * rho - epsilon) + alpha * Math.log1p(-1 / alpha);
  return Math.min(1, roundedUp(Math.exp(exponent) / (alpha - 1)));
}

/**
 * The ε at which ρ-zCDP implies (ε, δ)-DP: the least over α of αρ + (ln(1/δ) + (α−1)·ln(1−1/α) − ln α)/(α−1), at least 0.
 * Source: as for `deltaOfRho`, of which it is the inverse. Fails with `parameter_invalid` unless 0 < δ < 1.
 */
export function epsilonOfRho(rho: number, delta: number): number {
  requireDelta(delta);
  if (rho === 0) return 0;
  const slope = (beyond: number) => rho * beyond * beyond + Math.log(delta) + Math.log1p(beyond);
  const { above: beyond } = bracketRoot(slope, 0, Math.sqrt(-Math.log(delta) / rho) + 1);
  const alpha = 1 + beyond;
  const epsilon = alpha * rho + Math.log(beyond / alpha) - (Math.log(delta) + Math.log(alpha)) / beyond;
  return Math.max(0, roundedUp(epsilon));
}
