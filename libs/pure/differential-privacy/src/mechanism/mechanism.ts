import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import type { RandomBits } from '../randomness/random-bits.js';
import type { Rational } from '../rational.js';

/**
 * Which two tables must be hard to tell apart.
 * `add_or_remove_unit`: one has all rows of one privacy unit more than the other (unbounded neighbours).
 * `replace_unit`: one unit's rows are exchanged for any others (bounded neighbours); the number of units is public.
 */
export type NeighbouringRelation = 'add_or_remove_unit' | 'replace_unit';

/** A loss in one of the definitions that mechanisms here state their cost in. */
export type PrivacyLoss =
  | { readonly definition: 'pure'; readonly epsilon: Rational }
  | { readonly definition: 'zero_concentrated'; readonly rho: Rational };

/**
 * A randomised release of an integer, together with what it costs: there is no way to have the one without the other.
 * A value: it holds no randomness and no data.
 */
export interface IntegerMechanism {
  readonly name: 'discrete_laplace' | 'discrete_gaussian';
  readonly neighbours: NeighbouringRelation;
  /** The noise scale in units of the integer: b of the Laplace, σ of the Gaussian distribution. */
  readonly scale: Rational;
  readonly standardDeviation: number;
  /** The loss between tables whose exact answers are as far apart as the declared sensitivity. */
  readonly cost: PrivacyLoss;
  readonly citation: string;
  /** The exact integer plus one draw of noise. It may fall outside the range of possible exact answers; that is right. */
  release(exact: bigint, random: RandomBits): bigint;
  /** A t such that the noise lies in [−t, t] with probability at least `confidence`, which is in (0, 1). */
  halfWidth(confidence: number): bigint;
  /** At least P[noise > t], for t ≥ 0, up to rounding in doubles; at most the probability itself or, for Gaussians, a bound on it. */
  upperTail(t: bigint): number;
}

/** Fails with `parameter_invalid` unless the number is a probability other than 0 and 1. */
export function requireOpenProbability(value: number, name: string): void {
  if (!(value > 0 && value < 1))
    throw new DifferentialPrivacyError('parameter_invalid', `${name} must lie between 0 and 1.`);
}

/** Fails with `parameter_invalid` when the number is 0: a mechanism without noise is not one. */
export function requirePositive(value: bigint, name: string): void {
  if (value < 1n) throw new DifferentialPrivacyError('parameter_invalid', `${name} must be greater than 0.`);
}
