import type { Alarm } from '@castellan/contracts';

/** One part of time: what was counted in it, and in the window that ends with it. */
export interface WindowPoint {
  readonly at: string;
  readonly count: number;
  readonly total: number;
}

/** The second half of an alarm's series; the first half is what the earlier windows reach back into. */
export function windowTotals({ series, seriesStepMs, windowStart }: Alarm): WindowPoint[] {
  const parts = series.length / 2;
  const begin = Date.parse(windowStart);
  return Array.from({ length: parts }, (_, n) => {
    const window = series.slice(n + 1, n + 1 + parts);
    return {
      at: new Date(begin + n * seriesStepMs).toISOString(),
      count: series[parts + n] ?? 0,
      total: Math.max(
        0,
        window.reduce((sum, count) => sum + count, 0),
      ),
    };
  });
}
