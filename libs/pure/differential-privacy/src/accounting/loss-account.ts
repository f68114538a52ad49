import { PrivacyLossDistribution } from './privacy-loss-distribution.js';
import type { ProfilePair } from './privacy-profile.js';

/**
 * What releases cost together, in both directions of the neighbouring relation: the tightest account here, for mechanisms
 * that were fixed before the first was run.
 */
export class LossAccount {
  private constructor(
    private readonly forward: PrivacyLossDistribution,
    private readonly backward: PrivacyLossDistribution,
  ) {}

  /** `step`: the grid of losses. Half the step costs twice the time and leaves a quarter of the error. */
  static of({ forward, backward }: ProfilePair, step?: number): LossAccount {
    const first = PrivacyLossDistribution.of(forward, step);
    return new LossAccount(first, backward === forward ? first : PrivacyLossDistribution.of(backward, step));
  }

  with(other: LossAccount): LossAccount {
    return new LossAccount(this.forward.with(other.forward), this.backward.with(other.backward));
  }

  times(count: number): LossAccount {
    const forward = this.forward.times(count);
    return new LossAccount(forward, this.backward === this.forward ? forward : this.backward.times(count));
  }

  delta(epsilon: number): number {
    return Math.max(this.forward.delta(epsilon), this.backward.delta(epsilon));
  }

  epsilon(delta: number): number {
    return Math.max(this.forward.epsilon(delta), this.backward.epsilon(delta));
  }
}

/**
 * The least noise (to a relative 1e-6, from above) for which `releases` of it stay within (ε, δ).
 * Fails with `parameter_invalid` when even a thousand times the noise of one release does not.
 */
export function calibrateNoise(
  profileOf: (noise: number) => ProfilePair,
  releases: number,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
  step?: number,
): number {
  const fits = (noise: number) => {
    const pair = profileOf(noise);
    if (releases === 1) return Math.max(pair.forward.delta(epsilon), pair.backward.delta(epsilon)) <= delta;
    return LossAccount.of(pair, step).times(releases).delta(epsilon) <= delta;
  };
  let high = 1;
  while (!fits(high)) high *= 2;
  let low = high / 2;
  while (low > 1e-3 && fits(low)) [high, low] = [low, low / 2];
  while (high - low > 1e-6 * low) {
    const middle = (low + high) / 2;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}
