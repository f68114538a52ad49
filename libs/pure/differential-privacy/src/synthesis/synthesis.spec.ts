import fc from 'fast-check';
import type { PrivacyLoss } from '../mechanism/mechanism.js';
import { add, compare, multiply, rational, toNumber, type Rational } from '../rational.js';
import { chiSquaredScore, SeededBits } from '../testing/index.js';
import { ExactMarginals } from './exact-marginals.js';
import { projectToTotal } from './project-to-total.js';
import { rootAbove, rootBelow } from '../rational-root.js';
import { publicDraws, sampleTable } from './sample-table.js';
import { planSynthesis, type SynthesisPlan } from './synthesis-plan.js';
import { fitTree } from './tree-model.js';

const pure = (epsilon: Rational): PrivacyLoss => ({ definition: 'pure', epsilon });
const concentrated = (rho: Rational): PrivacyLoss => ({ definition: 'zero_concentrated', rho });

/** Counts a table whose rows are positions of values. */
function marginalsOf(table: readonly (readonly number[])[], plan: SynthesisPlan): ExactMarginals {
  const singles = plan.cells.map((cells) => Array.from({ length: cells }, () => 0n));
  const pairs = plan.candidates.map(({ left, right }) =>
    Array.from({ length: (plan.cells[left] ?? 0) * (plan.cells[right] ?? 0) }, () => 0n),
  );
  const count = (counts: bigint[] | undefined, cell: number) => {
    if (counts) counts[cell] = (counts[cell] ?? 0n) + 1n;
  };
  for (const row of table) {
    row.forEach((value, column) => count(singles[column], value));
    plan.candidates.forEach(({ left, right }, c) =>
      count(pairs[c], (row[left] ?? 0) * (plan.cells[right] ?? 0) + (row[right] ?? 0)),
    );
  }
  return new ExactMarginals(singles, pairs);
}

/** Column 1 follows 0, column 2 follows 1 half of the time, column 3 is on its own. */
function chain(rows: number): number[][] {
  const draw = publicDraws('chain');
  return Array.from({ length: rows }, () => {
    const first = Math.floor(draw() * 4);
    const third = draw() < 0.5 ? first : Math.floor(draw() * 4);
    return [first, first, third, Math.floor(draw() * 3)];
  });
}

const chainCells = [4, 4, 4, 3];

describe('the loss of a synthetic table', () => {
  it.each([[[5]], [[3, 4]], [[4, 4, 4, 3]], [[300, 200, 7]], [[300, 200]]])(
    'adds up to exactly what was given for columns of %j values',
    (cells) => {
      const epsilon = rational(7n, 9n);
      const plan = planSynthesis(cells, pure(epsilon), 3n);
      const costs = [
        ...cells.map(() => plan.single.cost),
        ...Array.from({ length: plan.links }, () => plan.pair?.cost),
      ].flatMap((cost) => (cost?.definition === 'pure' ? [cost.epsilon] : []));
      if (plan.selection) for (let i = 0; i < plan.links; i += 1) costs.push(plan.selection.epsilon);
      expect(compare(costs.reduce(add), epsilon)).toBe(0);
    },
  );

  it('under zCDP is at most what was given, and nearly that', () => {
    const rho = rational(1n, 10n);
    const plan = planSynthesis(chainCells, concentrated(rho), 2n);
    const costs = [
      ...chainCells.map(() => plan.single.cost),
      ...Array.from({ length: 3 }, () => plan.pair?.cost),
    ].flatMap((cost) => (cost?.definition === 'zero_concentrated' ? [cost.rho] : []));
    if (plan.selection) for (let i = 0; i < plan.links; i += 1) costs.push(plan.selection.rho);
    expect(costs).toHaveLength(10);
    const total = costs.reduce(add);
    expect(compare(total, rho)).toBeLessThanOrEqual(0);
    expect(toNumber(total)).toBeGreaterThan(0.1 * (1 - 1e-9));
  });

  it('covers what one unit changes: every marginal and every score by its rows at most', () => {
    const plan = planSynthesis([3, 2, 4], pure(rational(1n)), 2n);
    const value = fc.tuple(fc.nat(2), fc.nat(1), fc.nat(3));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 30 }),
        fc.array(value, { maxLength: 2 }),
        fc.nat(),
        (table, unit, seed) => {
          const [without, with_] = [marginalsOf(table, plan), marginalsOf([...table, ...unit], plan)];
          const released = without.release(plan, new SeededBits(String(seed)));
          const distances = [
            ...without.distancesTo(with_),
            ...without.scoreDistancesTo(with_, plan, released.singles),
          ];
          return distances.every((distance) => distance <= plan.rowsPerUnit);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is refused when it is nothing, and so is a column without values', () => {
    expect(() => planSynthesis([2], pure(rational(0n)), 1n)).toThrow(/greater than 0/);
    expect(() => planSynthesis([2], concentrated(rational(0n)), 1n)).toThrow(/greater than 0/);
    expect(() => planSynthesis([2, 0], pure(rational(1n)), 1n)).toThrow(/value/);
    expect(() => planSynthesis([], pure(rational(1n)), 1n)).toThrow(/column/);
    expect(() => planSynthesis([2], pure(rational(1n)), 0n)).toThrow(/greater than 0/);
  });
});

describe('the noise of released marginals', () => {
  it('is the discrete Laplace of its plan, in the single columns and in the pairs', () => {
    const plan = planSynthesis([50, 40], pure(rational(2n)), 1n);
    const exact = marginalsOf([], plan);
    const random = new SeededBits('marginal noise');
    const draws = { singles: [] as number[], pairs: [] as number[] };
    for (let i = 0; i < 15; i += 1) {
      const { singles, pairs } = exact.release(plan, random);
      draws.singles.push(...singles.flat().map(Number));
      draws.pairs.push(...pairs.flatMap(({ noisy }) => noisy.map(Number)));
    }
    const mass = (b: number) => (z: number) => Math.tanh(1 / (2 * b)) * Math.exp(-Math.abs(z) / b);
    expect(Math.abs(chiSquaredScore(draws.singles, mass(2), 6))).toBeLessThan(4);
    expect(Math.abs(chiSquaredScore(draws.pairs, mass(1), 6))).toBeLessThan(4);
    expect(chiSquaredScore(draws.pairs, mass(1.1), 6)).toBeGreaterThan(4);
  });
});

describe('the choice of pairs', () => {
  const chosenPairs = (epsilon: Rational, seed: string) => {
    const plan = planSynthesis(chainCells, pure(epsilon), 1n);
    const { pairs } = marginalsOf(chain(4000), plan).release(plan, new SeededBits(seed));
    return pairs.map(({ left, right }) => `${left}${right}`);
  };

  it('finds the tree that the columns depend by', () => {
    const [first, second, third] = chosenPairs(rational(4n), 'found');
    expect(first).toBe('01');
    expect(['02', '12']).toContain(second);
    expect(third).toMatch(/3$/);
  });

  it('is almost blind when epsilon is tiny: each pair is as likely as another', () => {
    const plan = planSynthesis(chainCells, pure(rational(1n, 1_000_000n)), 1n);
    const { selection, ...rest } = plan;
    // Singles without noise to speak of, so that only the choice itself is looked at.
    const quick = { ...rest, selection, single: planSynthesis([4], pure(rational(50n)), 1n).single };
    const exact = marginalsOf(chain(100), plan);
    const random = new SeededBits('blind');
    const draws = Array.from({ length: 3000 }, () => {
      const [pair] = exact.release({ ...quick, links: 1, pair: quick.single }, random).pairs;
      return plan.candidates.findIndex(({ left, right }) => left === pair?.left && right === pair.right);
    });
    const mass = (z: number) => (z >= 0 && z < 6 ? 1 / 6 : 0);
    expect(Math.abs(chiSquaredScore(draws, mass, 6))).toBeLessThan(4);
  });

  it('never makes a cycle and never takes a pair that is too large', () => {
    const plan = planSynthesis([300, 200, 7, 9], pure(rational(1n)), 1n);
    expect(plan.candidates).not.toContainEqual({ left: 0, right: 1 });
    expect(plan.links).toBe(3);
    const pairs = marginalsOf([], plan).release(plan, new SeededBits('cycle')).pairs;
    expect(new Set(pairs.map(({ left, right }) => `${left},${right}`)).size).toBe(3);
  });
});

describe('a tree model', () => {
  const plan = planSynthesis(chainCells, pure(rational(400n)), 1n);
  const table = chain(5000);
  const model = fitTree(plan, marginalsOf(table, plan).release(plan, new SeededBits('model')));
  const sampled = sampleTable(model, 5000, publicDraws('rows'));
  const pairCounts = (rows: readonly (readonly number[])[], left: number, right: number) => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (const row of rows) {
      const cell = (row[left] ?? 0) * 4 + (row[right] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    return counts;
  };
  const sampledRows = table.map((_, row) => sampled.map((values) => values[row] ?? 0));

  it('knows how many rows there are, and every share adds up to 1', () => {
    expect(model.rows).toBeCloseTo(5000, 0);
    for (const { given } of model.columns)
      for (const shares of given) expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  it.each([
    [0, 1],
    [1, 2],
    [0, 2],
  ])('gives rows whose columns %i and %i go together as in the table', (left, right) => {
    const [there, here] = [pairCounts(table, left, right), pairCounts(sampledRows, left, right)];
    // The pair 0–2 or 1–2 is not in the tree: it is right because the tree is.
    there.forEach((count, cell) => expect(Math.abs(count - (here[cell] ?? 0))).toBeLessThan(40));
  });

  it('is the same table for the same seed, another for another', () => {
    expect(sampleTable(model, 50, publicDraws('a'))).toEqual(sampleTable(model, 50, publicDraws('a')));
    expect(sampleTable(model, 50, publicDraws('a'))).not.toEqual(sampleTable(model, 50, publicDraws('b')));
  });

  it('of noise alone is still a distribution', () => {
    const tiny = planSynthesis(chainCells, pure(rational(1n, 100n)), 1n);
    const noise = fitTree(tiny, marginalsOf([], tiny).release(tiny, new SeededBits('noise')));
    expect(noise.rows).toBeGreaterThanOrEqual(0);
    const rows = sampleTable(noise, 100, publicDraws('noise'));
    rows.forEach((values, column) => {
      expect(Math.max(...values)).toBeLessThan(chainCells[column] ?? 0);
    });
  });

  it('of a single column draws that column', () => {
    const one = planSynthesis([3], pure(rational(100n)), 1n);
    const exact = marginalsOf(
      [...Array.from({ length: 90 }, () => [0]), ...Array.from({ length: 10 }, () => [2])],
      one,
    );
    const [values] = sampleTable(
      fitTree(one, exact.release(one, new SeededBits('one'))),
      100,
      publicDraws(''),
    );
    expect(values?.filter((value) => value === 0)).toHaveLength(90);
    expect(values?.filter((value) => value === 2)).toHaveLength(10);
  });
});

describe('a projection', () => {
  it.each([
    [[3, 1], 4, [3, 1]],
    [[5, 1], 4, [4, 0]],
    [[-2, 3, 3], 4, [0, 2, 2]],
    [[0, 0], 6, [3, 3]],
    [[7, -9], 0, [0, 0]],
  ])('of %j to %i is %j', (counts, total, expected) => {
    expect(projectToTotal(counts, total)).toEqual(expected);
  });
});

describe('a root', () => {
  it('lies below and above, a trillionth apart', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(1n, 10n ** 30n), (p, q) => {
        const value = rational(p, q);
        const [low, high] = [rootBelow(value), rootAbove(value)];
        expect(compare(multiply(low, low), value)).toBeLessThanOrEqual(0);
        expect(compare(multiply(high, high), value)).toBeGreaterThanOrEqual(0);
        expect(compare(high, add(low, rational(2n, 1n << 40n)))).toBeLessThanOrEqual(0);
      }),
    );
  });
});
