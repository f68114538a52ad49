import { complementaryError, scaledComplementaryError } from '../numerics/error-function.js';

const { exp, expm1, log, max } = Math;

/**
 * All of what two distributions P (one table) and Q (its neighbour) give away: δ(ε) = sup over events of P − e^ε·Q, for
 * every real ε, also below 0.
 */
export interface PrivacyProfile {
  /** δ(ε), accurate where it is small. */
  delta(epsilon: number): number;
  /** δ(ε) − (1 − e^ε) = e^ε·δ'(−ε), where δ' has P and Q exchanged; accurate where that is small. */
  excess(epsilon: number): number;
}

/** Both directions of one pair of neighbours. A mechanism's δ is the larger. */
export interface ProfilePair {
  readonly forward: PrivacyProfile;
  readonly backward: PrivacyProfile;
}

/** The profile with P and Q exchanged, from the other one's two functions. */
function exchanged({ delta, excess }: PrivacyProfile): PrivacyProfile {
  return {
    delta: (epsilon) => exp(epsilon) * excess(-epsilon),
    excess: (epsilon) => exp(epsilon) * delta(-epsilon),
  };
}

/** ½·e^(−near²)·(erfcx(near) − erfcx(far)), for near ≤ far with e^(far² − near²) the likelihood ratio at the threshold. */
function halfDifference(near: number, far: number, logRatio: number): number {
  return near > 0
    ? (exp(-near * near) * (scaledComplementaryError(near) - scaledComplementaryError(far))) / 2
    : (complementaryError(near) - exp(logRatio) * complementaryError(far)) / 2;
}

/** Laplace noise of Δ/b = `ratio`; symmetric. Losses lie in [−ratio, ratio], with atoms at both ends. */
export function laplaceProfile(ratio: number): ProfilePair {
  const delta = (epsilon: number) => {
    if (epsilon >= ratio) return 0;
    return epsilon <= -ratio ? -expm1(epsilon) : -expm1((epsilon - ratio) / 2);
  };
  const profile: PrivacyProfile = { delta, excess: (epsilon) => exp(epsilon) * delta(-epsilon) };
  return { forward: profile, backward: profile };
}

/**
 * Gaussian noise of σ/Δ = `noise` on a Poisson sample of rate `rate` (1: on everything). Forward: the unit is there.
 * Source: the thresholds of N(0, s²) against (1−q)·N(0, s²) + q·N(1, s²), worked out.
 */
export function sampledGaussianProfile(rate: number, noise: number): ProfilePair {
  /** Where the likelihood ratio is `ratio` (of the mixture to N(0, s²)), in units that erfc takes. */
  const threshold = (epsilon: number) => {
    // e^ε − (1 − q) = q·e^((2x − 1)/(2s²))
    const logRatio = log((expm1(epsilon) + rate) / rate);
    const x = noise * noise * logRatio + 0.5;
    return { logRatio, near: (x - 1) / (noise * Math.SQRT2), far: x / (noise * Math.SQRT2) };
  };
  const lowest = Math.log1p(-rate);
  const forward: PrivacyProfile = {
    delta: (epsilon) => {
      if (epsilon <= lowest) return -expm1(epsilon);
      const { near, far, logRatio } = threshold(epsilon);
      return max(0, rate * halfDifference(near, far, logRatio));
    },
    excess: (epsilon) => {
      if (epsilon <= lowest) return 0;
      const { near, far, logRatio } = threshold(epsilon);
      // q/2·(e^logRatio·erfc(−far) − erfc(−near)): the mass below the threshold, seen from the other side.
      const difference =
        far < 0
          ? exp(-near * near) * (scaledComplementaryError(-far) - scaledComplementaryError(-near))
          : exp(logRatio) * complementaryError(-far) - complementaryError(-near);
      return max(0, (rate * difference) / 2);
    },
  };
  return { forward, backward: exchanged(forward) };
}
