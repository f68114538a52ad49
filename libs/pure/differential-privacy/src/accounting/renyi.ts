import { logComplementaryError } from '../numerics/error-function.js';
import { logAdd, logGamma, logSubtract } from '../numerics/log-sum.js';
import { requireDelta, roundedUp } from './composition.js';

/**
 * Rényi differential privacy: a bound r(α) on the Rényi divergence for each order α > 1. Composes by adding at each order.
 * Source: Mironov, arXiv 1702.07476.
 */
export type RenyiCurve = (order: number) => number;

/** Orders that cover ε from hundredths to tens; the best one is searched among them. */
export const RENYI_ORDERS: readonly number[] = [
  ...Array.from({ length: 100 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 12 + i),
  128,
  256,
  512,
  1024,
];

/** Gaussian noise of σ/Δ = `noise`: α/(2·noise²). Source: arXiv 1702.07476, proposition 7. */
export function gaussianRenyi(noise: number): RenyiCurve {
  return (order) => order / (2 * noise * noise);
}

/** Laplace noise of Δ/b = `epsilon`. Source: arXiv 1702.07476, proposition 6; at α = 1 its limit ε + e^−ε − 1. */
export function laplaceRenyi(epsilon: number): RenyiCurve {
  return (order) => {
    if (order === 1) return epsilon + Math.expm1(-epsilon);
    const [up, down] = [order / (2 * order - 1), (order - 1) / (2 * order - 1)];
    return logAdd(Math.log(up) + (order - 1) * epsilon, Math.log(down) - order * epsilon) / (order - 1);
  };
}

/** Any mechanism whose privacy loss has a range of at most ε, such as the exponential one. Source: arXiv 1909.13830. */
export function boundedRangeRenyi(epsilon: number): RenyiCurve {
  const odds = Math.expm1(epsilon);
  return (order) => {
    if (order === 1) return epsilon / odds - 1 - Math.log(epsilon / odds);
    // Worst case: losses ε − t and −t, the first with probability (e^t − 1)/(e^ε − 1) under the second table; the t that
    // maximises the divergence solves e^t = α(c − 1)/(c(α − 1)) with c = (e^αε − 1)/(e^ε − 1).
    const logC = logSubtract(order * epsilon, 0) - Math.log(odds);
    const t = Math.log(order / (order - 1)) + Math.log(-Math.expm1(-logC));
    const logMoment = -order * t + logAdd(logC + Math.log(Math.expm1(t)), 0);
    return logMoment / (order - 1);
  };
}

/**
 * Gaussian noise of σ/Δ = `noise` on a Poisson sample of rate `rate`, neighbours by adding or removing one.
 * Source: Mironov, Talwar, Zhang, arXiv 1908.10530, section 3.3 (whole orders: equation 3; others: the two series).
 */
export function sampledGaussianRenyi(rate: number, noise: number): RenyiCurve {
  if (rate === 0) return () => 0;
  if (rate === 1) return gaussianRenyi(noise);
  return (order) =>
    (Number.isInteger(order) ? logMomentWhole(rate, noise, order) : logMomentReal(rate, noise, order)) /
    (order - 1);
}

function logBinomial(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

function logMomentWhole(rate: number, noise: number, order: number): number {
  let sum = -Infinity;
  for (let k = 0; k <= order; k += 1) {
    const term =
      logBinomial(order, k) +
      k * Math.log(rate) +
      (order - k) * Math.log1p(-rate) +
      (k * k - k) / (2 * noise * noise);
    sum = logAdd(sum, term);
  }
  return sum;
}

/** Terms below this are lost in the rounding of the sum. */
const NEGLIGIBLE = -40;

function logMomentReal(rate: number, noise: number, order: number): number {
  let [left, right] = [-Infinity, -Infinity];
  const crossing = noise * noise * Math.log(1 / rate - 1) + 0.5;
  let logCoefficient = 0;
  let sign = 1;
  for (let k = 0; ; k += 1) {
    const rest = order - k;
    const below =
      logCoefficient +
      k * Math.log(rate) +
      rest * Math.log1p(-rate) +
      (k * k - k) / (2 * noise * noise) +
      logComplementaryError((k - crossing) / (Math.SQRT2 * noise)) -
      Math.LN2;
    const above =
      logCoefficient +
      rest * Math.log(rate) +
      k * Math.log1p(-rate) +
      (rest * rest - rest) / (2 * noise * noise) +
      logComplementaryError((crossing - rest) / (Math.SQRT2 * noise)) -
      Math.LN2;
    [left, right] =
      sign > 0
        ? [logAdd(left, below), logAdd(right, above)]
        : [logSubtract(left, below), logSubtract(right, above)];
    if (k > order && Math.max(below, above) < NEGLIGIBLE + Math.max(left, right)) return logAdd(left, right);
    // The next generalised binomial coefficient is this one times (α − k)/(k + 1).
    logCoefficient += Math.log(Math.abs(rest)) - Math.log(k + 1);
    if (rest < 0) sign = -sign;
  }
}

/** What `count` releases of the same curve cost, and the same for several curves. */
export function composeRenyi(
  parts: readonly { readonly curve: RenyiCurve; readonly count: number }[],
): RenyiCurve {
  return (order) => parts.reduce((sum, { curve, count }) => sum + count * curve(order), 0);
}

export interface AtOrder {
  readonly value: number;
  /** The order that gave it. */
  readonly order: number;
}

function leastOver(orders: readonly number[], valueAt: (order: number) => number): AtOrder {
  return orders
    .map((order) => ({ order, value: roundedUp(valueAt(order)) }))
    .reduce((best, next) => (next.value < best.value ? next : best));
}

/**
 * The least ε over the orders at which the curve implies (ε, δ)-DP. Source: arXiv 2004.00010, proposition 12 (also Balle et
 * al., arXiv 1905.09982, theorem 21).
 */
export function epsilonOfRenyi(
  curve: RenyiCurve,
  delta: number,
  orders: readonly number[] = RENYI_ORDERS,
): AtOrder {
  requireDelta(delta);
  return leastOver(orders, (order) => {
    const divergence = curve(order);
    // Below this the total variation alone is at most δ: dp by Bretagnolle and Huber.
    if (delta * delta + Math.expm1(-divergence) > 0) return 0;
    return Math.max(0, divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1));
  });
}

/** The least δ over the orders at which the curve implies (ε, δ)-DP. */
export function deltaOfRenyi(
  curve: RenyiCurve,
  epsilon: number,
  orders: readonly number[] = RENYI_ORDERS,
): AtOrder {
  return leastOver(orders, (order) => {
    const divergence = curve(order);
    const exponent = (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order);
    return Math.min(1, Math.exp(exponent), Math.sqrt(-Math.expm1(-divergence)));
  });
}
