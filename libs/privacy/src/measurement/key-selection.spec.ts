import {
  ATTO_PER_DELTA,
  DiscreteGaussianMechanism,
  DiscreteLaplaceMechanism,
  discreteLaplaceThreshold,
  PICO_PER_EPSILON,
  rational,
} from '@castellan/differential-privacy';
import { SeededBits } from '@castellan/differential-privacy/testing';
import type { DatasetDeclaration } from '@castellan/contracts';
import { parseDeclaration } from '../declaration/protected-table.js';
import { parseQuestion } from '../question/parse-question.js';
import { DuckdbEngine } from './duckdb-engine.js';
import { ExactFigures } from './exact-figures.js';
import { planSelection } from './key-selection.js';
import { planMeasurement } from './measurement-plan.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'who', type: 'id' },
    { name: 'city', type: 'text' },
    { name: 'kind', type: 'category', values: ['b', 'a'] },
    { name: 'x', type: 'number', lower: 0, upper: 10, decimals: 0 },
  ],
  privacyUnit: 'who',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 3,
  maxRowsPerGroup: 2,
  purpose: 'test',
};
const engine = new DuckdbEngine({ threads: 2, memoryLimitMb: 512 });
const atto = (delta: number) => BigInt(Math.round(delta * 1e12)) * (ATTO_PER_DELTA / 10n ** 12n);

async function planOf(sql: string, { delta = 1e-6, epsilon = 1n, groups = 3 } = {}) {
  const table = parseDeclaration('trips', { ...declaration, maxGroupsPerUnit: groups });
  const charge = { costPico: epsilon * PICO_PER_EPSILON, costAtto: atto(delta) };
  return planMeasurement(await parseQuestion(sql, table), table, charge);
}

const BY_CITY = 'SELECT city, COUNT(*), SUM(x) FROM trips GROUP BY city';

describe('groups whose keys are not public', () => {
  const rowsOf = (city: string, units: number) =>
    Array.from({ length: units }, (_, i) => `${city}-${i},${city},a,5\n`).join('');

  it('are shown when many units share them, in order, and not when few do', async () => {
    const plan = await planOf(BY_CITY, { epsilon: 30n });
    const csv = `who,city,kind,x\n${rowsOf('Xi’an', 200)}${rowsOf('"Köln"', 0)}${rowsOf('Bonn', 300)}lone,Lonely,a,1\n,Nobody,a,1\nw,,a,1\n`;
    const figures = await engine.measure(plan, Buffer.from(csv), 'k');
    const { groups, figures: noisy } = figures.release(plan, new SeededBits('cities'));
    expect(groups).toEqual([['Bonn'], ['Xi’an']]);
    expect(noisy.map((ofMeasure) => ofMeasure.length)).toEqual([2, 2, 2]);
    const [units = [], counts = [], sums = []] = noisy.map((ofMeasure) => ofMeasure.map(Number));
    expect(Math.abs((units[0] ?? 0) - 300)).toBeLessThan(20);
    expect(Math.abs((counts[1] ?? 0) - 200)).toBeLessThan(40);
    expect(Math.abs((sums[0] ?? 0) - 1500)).toBeLessThan(400);
  });

  it('combine with public keys, whose lists give the order', async () => {
    const plan = await planOf('SELECT kind, city, COUNT(*) FROM trips GROUP BY kind, city', { epsilon: 60n });
    const rows = ['a', 'b', 'z'].flatMap((kind) =>
      ['P', 'Q'].map((city) =>
        Array.from({ length: 90 }, (_, i) => `${kind}${city}${i},${city},${kind},1\n`).join(''),
      ),
    );
    const figures = await engine.measure(plan, Buffer.from(`who,city,kind,x\n${rows.join('')}`), 'k');
    expect(figures.release(plan, new SeededBits('both')).groups).toEqual([
      ['b', 'P'],
      ['b', 'Q'],
      ['a', 'P'],
      ['a', 'Q'],
    ]);
  });

  it('have medians of the groups that are shown', async () => {
    const plan = await planOf('SELECT city, MEDIAN(x) FROM trips GROUP BY city', { epsilon: 60n });
    const csv = `who,city,kind,x\n${rowsOf('Ulm', 400)}one,Elsewhere,a,9\n`;
    const { groups, figures } = (await engine.measure(plan, Buffer.from(csv), 'k')).release(
      plan,
      new SeededBits('medians'),
    );
    expect(groups).toEqual([['Ulm']]);
    expect(figures[1]).toEqual([5n]);
  });

  it('are none in a table without rows', async () => {
    const plan = await planOf(BY_CITY);
    const figures = await engine.measure(plan, Buffer.from('who,city,kind,x\n'), 'k');
    expect(figures.release(plan, new SeededBits('none'))).toEqual({ groups: [], figures: [[], [], []] });
  });

  it('need delta, and are charged it; public groups are not', async () => {
    const table = parseDeclaration('trips', declaration);
    const free = { costPico: PICO_PER_EPSILON, costAtto: 0n };
    const question = await parseQuestion(BY_CITY, table);
    expect(() => planMeasurement(question, table, free)).toThrow(
      expect.objectContaining({ code: 'delta_missing', publicDetail: expect.stringContaining('"city"') }),
    );
    expect((await planOf(BY_CITY)).charge.costAtto).toBe(10n ** 12n);
    expect((await planOf('SELECT kind, COUNT(*) FROM trips GROUP BY kind')).charge.costAtto).toBe(0n);
  });

  it('pay for one count of units, whether it is asked for or not', async () => {
    const texts = async (sql: string) => (await planOf(sql)).measures.map(({ text }) => text);
    expect(await texts('SELECT city, COUNT(*) FROM trips GROUP BY city')).toEqual([
      'COUNT(DISTINCT unit)',
      'COUNT(*)',
    ]);
    expect(await texts('SELECT city, COUNT(*), COUNT(DISTINCT who) FROM trips GROUP BY city')).toEqual([
      'COUNT(DISTINCT unit)',
      'COUNT(*)',
    ]);
  });
});

describe('two tables that differ by one unit, grouped by texts', () => {
  it('differ in at most L0 groups and by no more than declared', async () => {
    const plan = await planOf('SELECT city, COUNT(*), SUM(x), COUNT(DISTINCT who) FROM trips GROUP BY city');
    const others = Array.from({ length: 60 }, (_, i) => `o${i},c${i % 7},a,${i % 11}\n`).join('');
    const wide = Array.from({ length: 40 }, (_, i) => `1,c${i},a,99\n`.repeat(5)).join('');
    for (const key of ['one', 'two', 'three']) {
      const [having, without] = await Promise.all(
        [others + wide, others].map((body) =>
          engine.measure(plan, Buffer.from(`who,city,kind,x\n${body}`), key),
        ),
      );
      if (!having || !without) throw new Error('not measured');
      expect(having.distancesTo(without)).toEqual(plan.measures.map(({ sensitivity }) => sensitivity));
    }
  });

  it('show a group that only one of them has as seldom as delta says, and the bound is not slack', async () => {
    const delta = 0.05;
    const plan = await planOf('SELECT city, COUNT(DISTINCT who) FROM trips GROUP BY city', {
      delta,
      groups: 3,
    });
    const own = new ExactFigures([[1n], [1n], [1n]], [], [['p'], ['q'], ['r']]);
    const random = new SeededBits('unique keys');
    const runs = 20_000;
    let shown = 0;
    for (let run = 0; run < runs; run += 1)
      if ((own.release(plan, random).groups ?? []).length > 0) shown += 1;
    const allowed = delta * runs;
    const deviation = Math.sqrt(allowed * (1 - delta));
    expect(shown).toBeLessThan(allowed + 5 * deviation);
    // One less, or ≥ for >, shows them too often: this is what the bound is for.
    expect(shown * Math.exp(1 / 3)).toBeGreaterThan(allowed - 5 * deviation);
  });
});

describe('the threshold', () => {
  it.each([
    [1n, 1n, 1e-6],
    [10n, 3n, 1e-9],
    [600n, 5n, 1e-12],
    [1n, 1000n, 1e-3],
  ])('for noise of scale %s, L0 %s and delta %d is the least that holds', (scale, groups, delta) => {
    const sensitivity = { neighbours: 'add_or_remove_unit', absolute: scale } as const;
    const mechanism = DiscreteLaplaceMechanism.costing(rational(1n), sensitivity);
    const { threshold } = planSelection(mechanism, groups, atto(delta));
    const exposed = (t: bigint) => Number(groups) * mechanism.upperTail(t - 1n);
    expect(exposed(threshold)).toBeLessThanOrEqual(delta);
    expect(exposed(threshold - 1n)).toBeGreaterThan(delta);
    // The library's own formula spends 1 − (1 − δ/L0…)^L0; ours the union bound, which is never below it.
    const keysPerUnit = Number(groups);
    const other = discreteLaplaceThreshold(Number(scale), delta, { keysPerUnit, perKey: 1 });
    expect(Number(threshold)).toBeGreaterThanOrEqual(other);
    expect(Number(threshold)).toBeLessThanOrEqual(other + Math.ceil(Number(scale) * delta) + 1);
  });

  it('for Gaussian noise bounds how often it is passed', () => {
    const sensitivity = { neighbours: 'add_or_remove_unit', squared: 1n } as const;
    const mechanism = DiscreteGaussianMechanism.withScale(rational(7n), sensitivity);
    const { threshold } = planSelection(mechanism, 1n, atto(0.01));
    const random = new SeededBits('gaussian threshold');
    let passed = 0;
    for (let run = 0; run < 20_000; run += 1) if (mechanism.release(1n, random) > threshold) passed += 1;
    expect(passed).toBeLessThan(200 + 5 * 14);
    expect(passed).toBeGreaterThan(100);
  });
});

describe('a million groups', () => {
  it('of one unit each show none of them', async () => {
    const plan = await planOf('SELECT city, COUNT(*) FROM trips GROUP BY city', { delta: 1e-12 });
    const cities = Array.from({ length: 1_000_000 }, (_, i) => [`c${i}`]);
    const one = [1n, 1n];
    const figures = new ExactFigures(
      cities.map(() => one),
      [],
      cities,
    );
    expect(figures.release(plan, new SeededBits('million')).groups).toEqual([]);
  });

  it('of many units each show the ten thousand greatest', async () => {
    const plan = await planOf('SELECT city, COUNT(DISTINCT who) FROM trips GROUP BY city', { epsilon: 50n });
    const cities = Array.from({ length: 12_000 }, (_, i) => [`c${i}`]);
    const figures = new ExactFigures(
      cities.map((_, i) => [i < 2_000 ? 1_000n : 1_000_000n]),
      [],
      cities,
    );
    const { groups = [] } = figures.release(plan, new SeededBits('many'));
    expect(groups).toHaveLength(10_000);
    expect(groups.every(([city = '']) => Number(city.slice(1)) >= 2_000)).toBe(true);
  });
});
