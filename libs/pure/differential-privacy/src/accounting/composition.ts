import { requireOpenProbability } from '../mechanism/mechanism.js';

/** An approximate guarantee. `delta` 0 is the pure one. */
export interface ApproximateLoss {
  readonly epsilon: number;
  readonly delta: number;
}

/**
 * What several releases cost together, also when each was chosen after seeing the ones before: ε adds up, and δ is the
 * chance that any one fails. Source: Kairouz, Oh, Viswanath, arXiv 1311.0776.
 */
export function composeBasic(losses: readonly ApproximateLoss[]): ApproximateLoss {
  return {
    epsilon: losses.reduce((sum, { epsilon }) => sum + epsilon, 0),
    delta: roundedUp(1 - losses.reduce((product, { delta }) => product * (1 - delta), 1)),
  };
}

/**
 * The next few doubles up: what floating-point evaluation may have lost. Conversions report with it, so that a rounding
 * error is on the side of caution. Enforcement never rests on a double: the ledger adds integers.
 */
export function roundedUp(value: number): number {
  return value === 0 ? 0 : value * (1 + 16 * Number.EPSILON);
}

/** Fails with `parameter_invalid` unless 0 < δ < 1. */
export function requireDelta(delta: number): void {
  requireOpenProbability(delta, 'Delta');
}
