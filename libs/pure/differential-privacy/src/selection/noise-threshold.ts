import { requirePositive } from '../mechanism/mechanism.js';
import { requireDelta } from '../accounting/composition.js';
import { normalQuantile } from '../numerics/normal.js';

/**
 * Thresholds for keys that are not public: a key is shown when its noisy number of units is **greater than** the threshold.
 * The comparison is part of each statement: with ≥ the same threshold shows a unique key more often than δ allows.
 */

/** 1 − (1−δ)^(1/L0): what each of L0 keys may contribute so that together they stay within δ. Source: GDP, Delta For Thresholding. */
export function deltaPerKey(delta: number, keysPerUnit: number): number {
  requireDelta(delta);
  requirePositive(BigInt(keysPerUnit), 'The number of keys');
  return -Math.expm1(Math.log1p(-delta) / keysPerUnit);
}

export interface KeyBounds {
  /** L0: keys that one unit can be in. */
  readonly keysPerUnit: number;
  /** Δ∞: how much one unit adds to one key. */
  readonly perKey: number;
}

/** Continuous Laplace noise of scale L0·Δ∞/ε: T with P[Δ∞ + Z > T] ≤ δ for each key. */
export function laplaceThreshold(epsilon: number, delta: number, { keysPerUnit, perKey }: KeyBounds): number {
  const scale = (keysPerUnit * perKey) / epsilon;
  const each = deltaPerKey(delta, keysPerUnit);
  return each <= 0.5 ? perKey - scale * Math.log(2 * each) : perKey + scale * Math.log(2 * (1 - each));
}

/** Gaussian noise of standard deviation σ: T with P[Δ∞ + Z > T] ≤ δ for each key. */
export function gaussianThreshold(sigma: number, delta: number, { keysPerUnit, perKey }: KeyBounds): number {
  return perKey - sigma * normalQuantile(deltaPerKey(delta, keysPerUnit));
}

/** P[Z > t] for discrete Laplace noise of scale b and an integer t ≥ −1: e^(−t/b)/(e^(1/b) + 1). */
export function discreteLaplaceTail(scale: number, t: number): number {
  return Math.exp(-(t + 1) / scale) / (1 + Math.exp(-1 / scale));
}

/** Discrete Laplace noise of scale b: the least integer T with P[Δ∞ + Z > T] ≤ δ for each key. */
export function discreteLaplaceThreshold(
  scale: number,
  delta: number,
  { keysPerUnit, perKey }: KeyBounds,
): number {
  const each = deltaPerKey(delta, keysPerUnit);
  let margin = Math.max(0, Math.ceil(-scale * Math.log(each * (1 + Math.exp(-1 / scale))) - 1));
  while (discreteLaplaceTail(scale, margin) > each) margin += 1;
  return perKey + margin;
}
