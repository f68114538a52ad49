import { DifferentialPrivacyError } from '../differential-privacy-error.js';
import { bracketRoot } from '../numerics/bisect.js';
import { multiplySpectra, raiseSpectrum, spectrumOf, valuesOf } from '../numerics/fourier.js';
import { requireDelta } from './composition.js';
import type { PrivacyProfile } from './privacy-profile.js';

const { abs, ceil, exp, expm1, floor, log, log2, max, min, round } = Math;

/** Mass that may be left out of the grid on each side; what is left out counts as a loss of infinity. */
const TAIL = 1e-15;
const DEFAULT_STEP = 1e-4;
const MOST_POINTS = 1 << 24;

/**
 * The distribution of the privacy loss on a grid: mass `masses[i]` at loss (`first` + i)·`step`, and the rest at infinity.
 * It dominates the mechanism it was made from: every δ read off it is at least the mechanism's, up to the errors of
 * floating point, for which an allowance is added at each transform.
 *
 * Composes by convolution (fast Fourier transform); valid for mechanisms fixed in advance, not for adaptively chosen
 * parameters. Source: Koskela, Jälkö, Honkela, arXiv 1906.03049; discretisation: "connect the dots", Doroshenko, Ghazi,
 * Kamath, Kumar, Manurangsi, arXiv 2207.04380.
 */
export class PrivacyLossDistribution {
  private constructor(
    private readonly step: number,
    private readonly first: number,
    private readonly masses: Float64Array,
    private readonly infinite: number,
  ) {}

  /**
   * The piecewise linear majorant (in e^ε) of the profile through its values at the grid's points, as a distribution:
   * at the points the two agree exactly, so the error is quadratic in the step.
   */
  static of(profile: PrivacyProfile, step = DEFAULT_STEP): PrivacyLossDistribution {
    const last = lastPoint((i) => profile.delta(i * step));
    const first = -lastPoint((i) => profile.excess(-i * step));
    // δ and the excess have the same second differences; each is accurate where it is small, so each serves its own side.
    const delta = (i: number) => profile.delta(i * step);
    const excess = (i: number) => profile.excess(i * step);
    const growth = expm1(step);
    const masses = new Float64Array(last - first + 1);
    masses[0] = (excess(first + 1) - excess(first)) / growth - excess(first);
    fillBends(masses.subarray(1, -first), excess, first + 1, growth);
    fillBends(masses.subarray(-first, -1), delta, 0, growth);
    masses[last - first] = ((1 + growth) * (delta(last - 1) - delta(last))) / growth;
    return new PrivacyLossDistribution(step, first, nonNegative(masses), profile.delta(last * step));
  }

  /** The loss of this release and another, of the same grid. Fails with `parameter_invalid` for another step. */
  with(other: PrivacyLossDistribution): PrivacyLossDistribution {
    if (other.step !== this.step)
      throw new DifferentialPrivacyError(
        'parameter_invalid',
        'Distributions on different grids do not compose.',
      );
    const length = this.masses.length + other.masses.length - 1;
    const size = powerOfTwo(length);
    const product = multiplySpectra(
      spectrumOf(padded(this.masses, size)),
      spectrumOf(padded(other.masses, size)),
    );
    const infinite = 1 - (1 - this.infinite) * (1 - other.infinite) + allowance(size, 2);
    return new PrivacyLossDistribution(
      this.step,
      this.first + other.first,
      nonNegative(valuesOf(product).subarray(0, length)),
      infinite,
    );
  }

  /** The loss of `count` such releases. */
  times(count: number): PrivacyLossDistribution {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new DifferentialPrivacyError(
        'parameter_invalid',
        'The number of releases must be a whole number above 0.',
      );
    if (count === 1) return this;
    const { low, high } = this.reach(count);
    const size = powerOfTwo(high - low + 1);
    // Circularly: what the sum has outside [low, high] wraps around, and is counted at infinity besides.
    const folded = new Float64Array(size);
    for (let i = 0; i < this.masses.length; i += 1)
      folded[i % size] = (folded[i % size] ?? 0) + (this.masses[i] ?? 0);
    const power = valuesOf(raiseSpectrum(spectrumOf(folded), count));
    const base = count * this.first;
    const masses = new Float64Array(high - low + 1);
    for (let i = 0; i < masses.length; i += 1) masses[i] = power[modulo(low + i - base, size)] ?? 0;
    const infinite = -expm1(count * Math.log1p(-this.infinite)) + 2 * TAIL + allowance(size, count);
    return new PrivacyLossDistribution(this.step, low, nonNegative(masses), infinite);
  }

  /** δ(ε) for any ε. */
  delta(epsilon: number): number {
    let delta = this.infinite;
    for (let i = this.masses.length - 1; i >= 0; i -= 1) {
      const loss = (this.first + i) * this.step;
      if (loss <= epsilon) break;
      delta += (this.masses[i] ?? 0) * -expm1(epsilon - loss);
    }
    return min(1, delta);
  }

  /** The least ε ≥ 0 with δ(ε) ≤ `delta`; infinite when more than `delta` lies at infinity. */
  epsilon(delta: number): number {
    requireDelta(delta);
    if (this.infinite > delta) return Infinity;
    if (this.delta(0) <= delta) return 0;
    const highest = (this.first + this.masses.length) * this.step;
    return bracketRoot((epsilon) => delta - this.delta(epsilon), 0, highest).above;
  }

  /** Grid points outside of which the sum of `count` losses has at most `TAIL` mass on each side (Chernoff's bound). */
  private reach(count: number): { low: number; high: number } {
    const logTail = log(TAIL);
    let high = count * (this.first + this.masses.length - 1);
    let low = count * this.first;
    for (const rate of [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256].flatMap((r) => [r, r * 1.4])) {
      high = min(high, ceil((count * this.logMoment(rate) - logTail) / rate / this.step));
      low = max(low, floor((logTail - count * this.logMoment(-rate)) / rate / this.step));
    }
    return { low, high: max(high, low + 1) };
  }

  /** ln Σ mass·e^(rate·loss), from the heavier end on, so that what underflows does not count. */
  private logMoment(rate: number): number {
    const last = this.masses.length - 1;
    const heavy = rate > 0 ? last : 0;
    const decay = exp(-abs(rate) * this.step);
    let sum = 0;
    let weight = 1;
    for (let k = 0; k <= last && weight > 0; k += 1) {
      sum += weight * (this.masses[abs(heavy - k)] ?? 0);
      weight *= decay;
    }
    return log(sum) + rate * (this.first + heavy) * this.step;
  }
}

/** The bends of a curve at the points from `start` on: the masses of the distribution whose profile has them. */
function fillBends(masses: Float64Array, curve: (i: number) => number, start: number, growth: number): void {
  let [before, here] = [curve(start - 1), curve(start)];
  for (let k = 0; k < masses.length; k += 1) {
    const after = curve(start + k + 1);
    masses[k] = ((1 + growth) * (before - here) - (here - after)) / growth;
    before = here;
    here = after;
  }
}

function lastPoint(tailAt: (i: number) => number): number {
  let beyond = 1;
  while (tailAt(beyond) > TAIL) {
    beyond *= 2;
    if (beyond > MOST_POINTS)
      throw new DifferentialPrivacyError('parameter_invalid', 'The noise is too small for this grid.');
  }
  return ceil(bracketRoot((i) => TAIL - tailAt(round(i)), 0, beyond).above);
}

function powerOfTwo(atLeast: number): number {
  if (atLeast > MOST_POINTS)
    throw new DifferentialPrivacyError(
      'parameter_invalid',
      'The loss spreads too far for this grid; take a larger step.',
    );
  return 2 ** ceil(log2(max(2, atLeast)));
}

function padded(masses: Float64Array, size: number): Float64Array {
  const longer = new Float64Array(size);
  longer.set(masses);
  return longer;
}

function modulo(index: number, size: number): number {
  return ((index % size) + size) % size;
}

/** Rounding leaves tiny masses of either sign where there should be none. */
function nonNegative(masses: Float64Array): Float64Array {
  for (let i = 0; i < masses.length; i += 1) if ((masses[i] ?? 0) < 0) masses[i] = 0;
  return masses;
}

/** What a transform and a power of its entries may lose, in total mass. */
function allowance(size: number, count: number): number {
  return Number.EPSILON * log2(size) * count;
}
