/**
 * The nearest non-negative counts (in Euclidean distance) that add up to `total`: all are lowered by one amount and cut off
 * at 0. Cutting noise off at 0 alone would make many empty cells look full.
 * Source: Duchi, Shalev-Shwartz, Singer, Chandra, ICML 2008, figure 1.
 */
export function projectToTotal(counts: readonly number[], total: number): number[] {
  const sorted = counts.toSorted((a, b) => b - a);
  let sum = 0;
  let lowering = 0;
  for (const [i, count] of sorted.entries()) {
    sum += count;
    const candidate = (sum - total) / (i + 1);
    if (count >= candidate) lowering = candidate;
  }
  return counts.map((count) => Math.max(0, count - lowering));
}
