import { RandomisedResponse } from '../mechanism/randomised-response.js';
import { rational } from '../rational.js';
import { randomOrder } from '../sampling/random-order.js';
import { SeededBits, chiSquaredScore } from '../testing/index.js';
import { PrivateSelection } from './private-selection.js';

const DRAWS = 30_000;
const neighbours = 'add_or_remove_unit';

function drawn(trial: (random: SeededBits) => number, seed: string): number[] {
  const random = new SeededBits(seed);
  return Array.from({ length: DRAWS }, () => trial(random));
}

function massOf(weights: readonly number[]): (z: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (z) => (weights[z] ?? 0) / total;
}

describe('a random order', () => {
  it('is any of the orders equally often', () => {
    const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];
    const draws = drawn((random) => orders.indexOf(randomOrder(['a', 'b', 'c'], random).join('')), 'orders');
    expect(Math.abs(chiSquaredScore(draws, massOf(orders.map(() => 1)), 5))).toBeLessThan(4);
  });
});

describe('selecting a high score', () => {
  const scores = [5n, 9n, 10n, 2n];

  it('by the exponential mechanism is proportional to e^(ε·score/2Δ)', () => {
    const mechanism = PrivateSelection.costing(
      rational(1n),
      { neighbours, perScore: 2n, monotonic: false },
      'exponential',
    );
    const draws = drawn((random) => mechanism.select(scores, random), 'exponential');
    const weights = scores.map((score) => Math.exp(Number(score) / 4));
    expect(Math.abs(chiSquaredScore(draws, massOf(weights), 3))).toBeLessThan(4);
  });

  it('by permute and flip has the probabilities of all orders added up', () => {
    const mechanism = PrivateSelection.costing(rational(1n), { neighbours, perScore: 3n, monotonic: true });
    const accept = scores.map((score) => Math.exp((Number(score) - 10) / 3));
    const probability = (index: number) => {
      const others = accept.filter((_, i) => i !== index);
      // The chance that none of the others that come before is accepted, for each set of those that do.
      let sum = 0;
      for (let set = 0; set < 8; set += 1) {
        const before = others.filter((_, i) => (set >> i) & 1);
        const orders = [1, 1, 2, 6];
        const weight = ((orders[before.length] ?? 0) * (orders[3 - before.length] ?? 0)) / 24;
        sum += weight * before.reduce((product, p) => product * (1 - p), 1);
      }
      return sum * (accept[index] ?? 0);
    };
    const draws = drawn((random) => mechanism.select(scores, random), 'permute and flip');
    expect(Math.abs(chiSquaredScore(draws, massOf(scores.map((_, i) => probability(i))), 3))).toBeLessThan(4);
  });

  it('is charged by its own rule under zero-concentrated accounting', () => {
    const sensitivity = { neighbours, perScore: 1n, monotonic: true } as const;
    expect(PrivateSelection.costing(rational(1n), sensitivity).rho).toEqual(rational(1n, 2n));
    expect(PrivateSelection.costing(rational(1n), sensitivity, 'exponential').rho).toEqual(rational(1n, 8n));
    expect(PrivateSelection.costing(rational(1n), sensitivity).epsilonAt(3n)).toEqual(rational(3n));
  });

  it('takes twice the noise when scores can move either way', () => {
    const scaleOf = (monotonic: boolean) =>
      PrivateSelection.costing(rational(1n, 2n), { neighbours, perScore: 1n, monotonic }).scale;
    expect(scaleOf(true)).toEqual(rational(2n));
    expect(scaleOf(false)).toEqual(rational(4n));
  });

  it('takes the only one there is, and refuses to take one of none', () => {
    const mechanism = PrivateSelection.costing(rational(1n), { neighbours, perScore: 1n, monotonic: true });
    expect(mechanism.select([7n], new SeededBits('one'))).toBe(0);
    expect(() => mechanism.select([], new SeededBits('none'))).toThrow(/nothing to select/);
  });
});

describe('randomised response', () => {
  const mechanism = RandomisedResponse.costing(rational(3n, 2n), 4);

  it('reports the truth e^ε times as often as any other value', () => {
    const draws = drawn((random) => mechanism.report(2, random), 'response');
    expect(Math.abs(chiSquaredScore(draws, massOf([1, 1, Math.exp(1.5), 1]), 3))).toBeLessThan(4);
  });

  it('is undone on average by its estimate', () => {
    const random = new SeededBits('survey');
    const truth = Array.from({ length: DRAWS }, (_, i) => (i % 10 < 3 ? 1 : 0));
    const reports = truth.map((value) => mechanism.report(value, random));
    const estimate = mechanism.estimate(reports.filter((value) => value === 1).length, DRAWS);
    expect(Math.abs(estimate / DRAWS - 0.3)).toBeLessThan(0.03);
  });

  it('needs two values', () => {
    expect(() => RandomisedResponse.costing(rational(1n), 1)).toThrow(/two categories/);
  });
});
