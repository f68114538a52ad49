import { bracketRoot } from './bisect.js';
import { complementaryError } from './error-function.js';

/** P[N(0, 1) ≤ x]. */
export function normalCumulative(x: number): number {
  return complementaryError(-x / Math.SQRT2) / 2;
}

/** The x with P[N(0, 1) ≤ x] = probability, for a probability in (0, 1). */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  return bracketRoot((x) => normalCumulative(x) - probability, -39, 0).above;
}
