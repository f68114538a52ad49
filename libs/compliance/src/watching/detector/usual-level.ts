/** What is usual in one window for one subject. Older windows weigh ever less: about the last thirty count. */
export interface UsualLevel {
  readonly windows: number;
  readonly mean: number;
  readonly variance: number;
}

export const nothingKnown: UsualLevel = { windows: 0, mean: 0, variance: 0 };

const MEMORY = 30;
/** With fewer windows nothing is called usual. */
const MIN_WINDOWS = 7;
const DEVIATIONS = 6;

/** With one more window: exponentially weighted mean and variance (T. Finch, 2009, §9), exact averages at first. */
export function learnt({ windows, mean, variance }: UsualLevel, total: number): UsualLevel {
  const alpha = 1 / Math.min(windows + 1, MEMORY);
  const difference = total - mean;
  return {
    windows: windows + 1,
    mean: mean + alpha * difference,
    variance: (1 - alpha) * (variance + alpha * difference * difference),
  };
}

/** Counts scatter at least as much as if they fell by chance (Poisson): the square root of their mean. */
export function deviationOf({ mean, variance }: UsualLevel): number {
  return Math.sqrt(Math.max(variance, mean));
}

/** Six deviations above what is usual, and never less than `floor`. */
export function thresholdAbove(level: UsualLevel, floor: number): number {
  if (level.windows < MIN_WINDOWS) return floor;
  return Math.max(floor, Math.ceil(level.mean + DEVIATIONS * deviationOf(level)));
}
