/** A cumulative distribution or mass function on the integers. */
type OfInteger = (z: number) => number;

/**
 * Pearson's χ² of integer draws against a mass function, on the cells [−reach, reach] and two open tails,
 * turned into a standard normal score (Wilson and Hilferty 1931). Beyond ±4 the sampler or the function is wrong:
 * 1 in 16,000 by chance.
 */
export function chiSquaredScore(draws: readonly number[], mass: OfInteger, reach: number): number {
  const observed = new Map<number, number>();
  for (const draw of draws) {
    const cell = Math.max(-reach - 1, Math.min(reach + 1, draw));
    observed.set(cell, (observed.get(cell) ?? 0) + 1);
  }
  let statistic = 0;
  let cells = 0;
  let inside = 0;
  let seenInside = 0;
  const count = (expected: number, seen: number) => {
    if (expected < 1e-9) return;
    statistic += (seen - expected) ** 2 / expected;
    cells += 1;
  };
  for (let z = -reach; z <= reach; z += 1) {
    const seen = observed.get(z) ?? 0;
    inside += mass(z);
    seenInside += seen;
    count(draws.length * mass(z), seen);
  }
  count(draws.length * (1 - inside), draws.length - seenInside);
  const freedom = cells - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/**
 * The Kolmogorov–Smirnov distance times √n. Beyond 2.2 it would be chance 1 time in 8,000 for a continuous
 * distribution, more seldom for a discrete one.
 */
export function kolmogorovSmirnovScore(draws: readonly number[], cumulative: OfInteger): number {
  const sorted = draws.toSorted((a, b) => a - b);
  let greatest = 0;
  sorted.forEach((draw, index) => {
    if (sorted[index + 1] === draw) return;
    greatest = Math.max(greatest, Math.abs((index + 1) / sorted.length - cumulative(draw)));
  });
  return greatest * Math.sqrt(sorted.length);
}
