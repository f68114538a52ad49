import { SeededBits, chiSquaredScore, kolmogorovSmirnovScore } from '../testing/index.js';
import { rational, toNumber, type Rational } from '../rational.js';
import type { RandomBits } from '../randomness/random-bits.js';
import { bernoulli, bernoulliExp } from './bernoulli.js';
import { sampleDiscreteGaussian } from './discrete-gaussian.js';
import { sampleDiscreteLaplace } from './discrete-laplace.js';
import { sampleGeometric } from './geometric.js';
import { uniformBelow } from './uniform.js';

const DRAWS = 60_000;

function draw(sampler: (random: RandomBits) => bigint, seed: string): number[] {
  const random = new SeededBits(seed);
  return Array.from({ length: DRAWS }, () => Number(sampler(random)));
}

/** How many standard deviations the share of successes lies from `probability`. */
function biasScore(trial: (random: RandomBits) => boolean, probability: number, seed: string): number {
  const random = new SeededBits(seed);
  let successes = 0;
  for (let i = 0; i < DRAWS; i += 1) if (trial(random)) successes += 1;
  return (successes - DRAWS * probability) / Math.sqrt(DRAWS * probability * (1 - probability));
}

function laplaceMass(b: number): (z: number) => number {
  const p = Math.exp(-1 / b);
  return (z) => ((1 - p) / (1 + p)) * p ** Math.abs(z);
}

function laplaceCumulative(b: number): (z: number) => number {
  const p = Math.exp(-1 / b);
  return (z) => (z < 0 ? p ** -z / (1 + p) : 1 - p ** (z + 1) / (1 + p));
}

function gaussianMass(sigma: number): (z: number) => number {
  const weight = (z: number) => Math.exp(-(z * z) / (2 * sigma * sigma));
  let total = 0;
  for (let z = -Math.ceil(40 * sigma); z <= Math.ceil(40 * sigma); z += 1) total += weight(z);
  return (z) => weight(z) / total;
}

function cumulativeOf(mass: (z: number) => number, from: number): (z: number) => number {
  const sums = new Map<number, number>();
  let sum = 0;
  for (let z = from; z <= -from; z += 1) sums.set(z, (sum += mass(z)));
  return (z) => sums.get(z) ?? (z < from ? 0 : 1);
}

describe('a uniform draw', () => {
  it.each([1n, 2n, 3n, 7n, 10n])('below %s is uniform', (bound) => {
    const draws = draw((random) => uniformBelow(bound, random), `uniform ${bound}`);
    const mass = (z: number) => (z >= 0 && z < Number(bound) ? 1 / Number(bound) : 0);
    expect(draws.every((value) => value >= 0 && value < Number(bound))).toBe(true);
    if (bound > 1n) expect(Math.abs(chiSquaredScore(draws, mass, Number(bound)))).toBeLessThan(4);
  });

  it('below a bound of many words fills its range', () => {
    const bound = 3n ** 100n;
    const draws = draw((random) => (uniformBelow(bound, random) * 16n) / bound, 'wide');
    const mass = (z: number) => (z >= 0 && z < 16 ? 1 / 16 : 0);
    expect(Math.abs(chiSquaredScore(draws, mass, 16))).toBeLessThan(4);
  });
});

describe('a Bernoulli draw', () => {
  it.each([
    [1n, 3n],
    [999n, 1000n],
    [1n, 2n],
    [12_345_678_901n, 98_765_432_109n],
  ])('of %s/%s has that probability', (p, q) => {
    expect(
      Math.abs(biasScore((random) => bernoulli(p, q, random), Number(p) / Number(q), `bern ${p}/${q}`)),
    ).toBeLessThan(4);
  });

  it('of 0 never happens and of 1 always', () => {
    expect(biasScore((random) => bernoulli(0n, 5n, random), 0.5, 'never')).toBeLessThan(-100);
    expect(biasScore((random) => bernoulli(5n, 5n, random), 0.5, 'always')).toBeGreaterThan(100);
  });

  it.each([
    [1n, 10n],
    [1n, 1n],
    [5n, 2n],
    [7n, 1n],
    [123_456_789_012n, 98_765_432_109n],
  ])('of e^(−%s/%s) has that probability', (p, q) => {
    const probability = Math.exp(-Number(p) / Number(q));
    expect(
      Math.abs(biasScore((random) => bernoulliExp(p, q, random), probability, `bexp ${p}/${q}`)),
    ).toBeLessThan(4);
  });
});

describe('the geometric sampler', () => {
  it.each([
    [1n, 1n],
    [3n, 2n],
    [2n, 7n],
    [1n, 20n],
  ])('of rate %s/%s fits its distribution', (p, q) => {
    const ratio = Math.exp(-Number(p) / Number(q));
    const mass = (z: number) => (z < 0 ? 0 : (1 - ratio) * ratio ** z);
    const draws = draw((random) => sampleGeometric(p, q, random), `geometric ${p}/${q}`);
    const reach = Math.ceil((4 * Number(q)) / Number(p));
    expect(Math.abs(chiSquaredScore(draws, mass, reach))).toBeLessThan(4);
  });
});

describe('the discrete Laplace sampler', () => {
  const scales: Rational[] = [
    rational(1n, 3n),
    rational(1n),
    rational(7n, 2n),
    rational(40n),
    rational(12_345n, 97n),
  ];

  it.each(scales.map((scale) => [scale]))('of scale %o fits its distribution', (scale) => {
    const b = toNumber(scale);
    const draws = draw((random) => sampleDiscreteLaplace(scale, random), `laplace ${b}`);
    expect(Math.abs(chiSquaredScore(draws, laplaceMass(b), Math.ceil(4 * b)))).toBeLessThan(4);
    expect(kolmogorovSmirnovScore(draws, laplaceCumulative(b))).toBeLessThan(2.2);
  });

  it('of a scale wider than 32 bits fits its distribution', () => {
    const scale = rational(10n ** 12n, 7n);
    const draws = draw((random) => sampleDiscreteLaplace(scale, random), 'laplace wide');
    expect(kolmogorovSmirnovScore(draws, laplaceCumulative(toNumber(scale)))).toBeLessThan(2.2);
  });

  it('would be caught if it kept the negative zero', () => {
    const faulty = (random: RandomBits) => {
      const negative = random.take(1) === 1;
      const magnitude = sampleGeometric(1n, 3n, random);
      return negative ? -magnitude : magnitude;
    };
    expect(chiSquaredScore(draw(faulty, 'faulty'), laplaceMass(3), 12)).toBeGreaterThan(10);
  });

  it('would be caught if its scale were 8 % too small', () => {
    const draws = draw((random) => sampleDiscreteLaplace(rational(92n, 10n), random), 'narrow');
    expect(chiSquaredScore(draws, laplaceMass(10), 40)).toBeGreaterThan(4);
    expect(kolmogorovSmirnovScore(draws, laplaceCumulative(10))).toBeGreaterThan(2.2);
  });
});

describe('the discrete Gaussian sampler', () => {
  const scales: Rational[] = [rational(1n, 2n), rational(1n), rational(10n, 3n), rational(25n)];

  it.each(scales.map((scale) => [scale]))('of scale %o fits its distribution', (scale) => {
    const sigma = toNumber(scale);
    const draws = draw((random) => sampleDiscreteGaussian(scale, random), `gaussian ${sigma}`);
    const mass = gaussianMass(sigma);
    expect(Math.abs(chiSquaredScore(draws, mass, Math.ceil(3 * sigma)))).toBeLessThan(4);
    expect(kolmogorovSmirnovScore(draws, cumulativeOf(mass, -Math.ceil(20 * sigma)))).toBeLessThan(2.2);
  });

  it('would be caught if it accepted every proposal', () => {
    const draws = draw((random) => sampleDiscreteLaplace(rational(4n), random), 'unrejected');
    expect(chiSquaredScore(draws, gaussianMass(10 / 3), 10)).toBeGreaterThan(10);
  });
});
