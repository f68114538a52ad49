/** A column's middle and spread, as a few wild values can't move them. */
export interface RobustScale {
  readonly middle: number;
  readonly spread: number;
}

/** Of normal data the median absolute deviation is 0.6745 standard deviations. */
const DEVIATIONS = 1.4826;
/** Beyond it one value would speak louder than all others of its row. */
const FURTHEST = 20;

/**
 * Median and scaled median absolute deviation; where more than half of all values are the same, the standard deviation.
 * Undefined when nothing varies. Source: Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, 1993.
 */
export function robustScale(values: readonly number[]): RobustScale | undefined {
  if (values.length === 0) return undefined;
  const middle = median(values);
  const around = DEVIATIONS * median(values.map((value) => Math.abs(value - middle)));
  const spread = around > 0 ? around : standardDeviation(values, middle);
  return spread > 0 ? { middle, spread } : undefined;
}

/** In spreads from the middle, at most twenty. */
export function scaled(value: number, { middle, spread }: RobustScale): number {
  return Math.max(-FURTHEST, Math.min(FURTHEST, (value - middle) / spread));
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? 0)) / 2;
}

function standardDeviation(values: readonly number[], middle: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length);
}
