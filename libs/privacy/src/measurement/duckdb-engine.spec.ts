import { PICO_PER_EPSILON } from '@castellan/differential-privacy';
import { SeededBits } from '@castellan/differential-privacy/testing';
import type { DatasetDeclaration } from '@castellan/contracts';
import { parseDeclaration } from '../declaration/protected-table.js';
import { parseQuestion } from '../question/parse-question.js';
import { wagePanelCsv, wagePanelDeclaration, withoutPerson } from '../testing/wage-panel.js';
import { DuckdbEngine } from './duckdb-engine.js';
import { ExactFigures, type NoisyFigures } from './exact-figures.js';
import { planMeasurement } from './measurement-plan.js';

const engine = new DuckdbEngine({ threads: 2, memoryLimitMb: 512 });
const ONE_EPSILON = { costPico: PICO_PER_EPSILON, costAtto: 0n };

function figuresByGroup({ figures }: NoisyFigures): ExactFigures {
  const groups = figures[0]?.map((_, g) => figures.map((ofMeasure) => ofMeasure[g] ?? 0n));
  return new ExactFigures(groups ?? []);
}

async function planOf(sql: string, declaration: DatasetDeclaration = wagePanelDeclaration) {
  const table = parseDeclaration('wages', declaration);
  return planMeasurement(await parseQuestion(sql, table), table, ONE_EPSILON);
}

/** The exact figures, read off as distances from the figures of nothing (so: magnitudes, added up over groups). */
async function magnitudes(sql: string, csv: string | Uint8Array, declaration = wagePanelDeclaration) {
  const plan = await planOf(sql, declaration);
  const figures = await engine.measure(plan, Buffer.from(csv), 'key');
  return figures.distancesTo(new ExactFigures([plan.measures.map(() => 0n)]));
}

const small: DatasetDeclaration = {
  columns: [
    { name: 'who', type: 'id' },
    { name: 'kind', type: 'category', values: ['a', 'b', 'c'] },
    { name: 'x', type: 'number', lower: -1, upper: 10, decimals: 1 },
  ],
  privacyUnit: 'who',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 2,
  purpose: 'test',
};

describe('measuring a table', () => {
  it('adds up exactly what a person could add up, where no bound bites', async () => {
    const declaration = { ...wagePanelDeclaration, maxGroupsPerUnit: 4, maxRowsPerGroup: 8 };
    const csv = await wagePanelCsv();
    const rows = csv
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const south = rows.filter((row) => row[2] === 'south');
    const cents = south.reduce((sum, row) => {
      const value = BigInt((row[4] ?? '').replace('.', ''));
      return sum + (value > 5_000_000n ? 5_000_000n : value);
    }, 0n);
    expect(
      await magnitudes(
        `SELECT COUNT(*), SUM(amount), COUNT(DISTINCT person_id) FROM wages WHERE region = 'south'`,
        csv,
        declaration,
      ),
    ).toEqual([BigInt(south.length), cents, BigInt(new Set(south.map((row) => row[0])).size)]);
  });

  it('puts groups in the order of the public lists, empty ones included', async () => {
    const plan = await planOf('SELECT kind, COUNT(*) FROM wages GROUP BY kind', {
      ...small,
      maxGroupsPerUnit: 3,
    });
    const figures = await engine.measure(plan, Buffer.from('who,kind,x\n1,c,1\n2,c,1\n3,a,1\n'), 'key');
    expect(figures.distancesTo(new ExactFigures([[1n], [0n], [2n]]))).toEqual([0n]);
  });

  it('answers zero for a table without rows', async () => {
    expect(
      await magnitudes('SELECT kind, COUNT(*), SUM(x) FROM wages GROUP BY kind', 'who,kind,x\n', small),
    ).toEqual([0n, 0n]);
    expect(await magnitudes('SELECT COUNT(*), SUM(x) FROM wages', 'who,kind,x\n', small)).toEqual([0n, 0n]);
  });

  it('leaves out what is not a finite number, and clamps what is', async () => {
    const cells = ['nan', 'NaN', 'inf', '-Infinity', '', 'ten', '1e400', '0x', "'; DROP TABLE source; --"];
    const junk = cells.map((cell, i) => `j${i},a,${cell}`).join('\n');
    expect(
      await magnitudes('SELECT COUNT(*), COUNT(x), SUM(x) FROM wages', `who,kind,x\n${junk}\n`, small),
    ).toEqual([9n, 0n, 0n]);
    const large = 'who,kind,x\n1,a,1e300\n2,a,99999999999999999999999\n3,a,2.26\n';
    expect(await magnitudes('SELECT COUNT(x), SUM(x) FROM wages', large, small)).toEqual([
      3n,
      100n + 100n + 23n,
    ]);
    expect(await magnitudes('SELECT SUM(x) FROM wages', 'who,kind,x\n1,a,-1e300\n', small)).toEqual([10n]);
  });

  it('leaves out rows without a unit and groups outside the public list', async () => {
    const csv = 'who,kind,x\n,a,1\n1,z,1\n1,,1\n1,A,1\n2,a,1\n';
    expect(await magnitudes('SELECT kind, COUNT(*) FROM wages GROUP BY kind', csv, small)).toEqual([1n]);
    expect(await magnitudes('SELECT COUNT(*) FROM wages', csv, small)).toEqual([3n]);
  });

  it('bounds how many rows and how many groups a unit counts with', async () => {
    const csv = `who,kind,x\n${'1,a,10\n'.repeat(50)}${'1,b,10\n'.repeat(50)}`;
    expect(await magnitudes('SELECT kind, COUNT(*), SUM(x) FROM wages GROUP BY kind', csv, small)).toEqual([
      2n,
      200n,
    ]);
    expect(await magnitudes('SELECT COUNT(*), SUM(x) FROM wages', csv, small)).toEqual([2n, 200n]);
  });

  it('applies WHERE to single rows', async () => {
    const csv = 'who,kind,x\n1,a,1\n2,b,2\n3,a,3\n4,b,\n5,c,nan\n';
    const count = (where: string) => magnitudes(`SELECT COUNT(*) FROM wages WHERE ${where}`, csv, small);
    expect(await count(`kind = 'a' AND x > 1`)).toEqual([1n]);
    expect(await count('x IS NULL')).toEqual([2n]);
    expect(await count('x IS NOT NULL')).toEqual([3n]);
    expect(await count('x BETWEEN 2 AND 3')).toEqual([2n]);
    expect(await count(`kind NOT IN ('a', 'c')`)).toEqual([2n]);
    expect(await count(`NOT (kind = 'a' OR x = 2)`)).toEqual([0n]);
    expect(await count(`kind = 'a'' OR ''1''=''1'`)).toEqual([0n]);
  });

  it('reads columns of hostile names', async () => {
    const hostile = 'x"; DROP TABLE source; --';
    const declaration: DatasetDeclaration = {
      ...small,
      columns: [
        { name: 'who', type: 'id' },
        { name: 'source', type: 'category', values: ["a'b", 'a"b', '$1'] },
        { name: hostile, type: 'number', lower: 0, upper: 10, decimals: 0 },
      ],
    };
    const csv = `who,source,"${hostile.replaceAll('"', '""')}"\n1,a'b,4\n2,$1,5\n`;
    const sql = `SELECT source, SUM("${hostile.replaceAll('"', '""')}") FROM wages GROUP BY source`;
    expect(await magnitudes(sql, csv, declaration)).toEqual([9n]);
  });
});

describe('two tables that differ by one unit', () => {
  const questions = [
    'SELECT COUNT(*) FROM wages',
    'SELECT region, COUNT(*), SUM(amount), COUNT(DISTINCT person_id) FROM wages GROUP BY region',
    `SELECT region, year, COUNT(amount), SUM(amount) FROM wages WHERE amount > 10000 AND region <> 'west' GROUP BY region, year`,
    'SELECT occupation, SUM(amount), COUNT(*) FROM wages GROUP BY occupation',
    'SELECT region, AVG(amount), STDDEV(amount) FROM wages GROUP BY region',
    `SELECT VARIANCE(amount), SUM(amount) FROM wages WHERE year = '1983'`,
  ];
  const declarations: DatasetDeclaration[] = [
    wagePanelDeclaration,
    { ...wagePanelDeclaration, maxGroupsPerUnit: 1, maxRowsPerGroup: 3 },
  ];

  it.each(questions)('give answers no further apart than declared, and the same noise: %s', async (sql) => {
    const csv = await wagePanelCsv();
    for (const declaration of declarations) {
      const plan = await planOf(sql, declaration);
      const whole = await engine.measure(plan, csv, 'selection');
      let reached = 0n;
      for (const person of ['13', '12548', '4569', '110']) {
        const figures = await engine.measure(plan, withoutPerson(csv, person), 'selection');
        const distances = whole.distancesTo(figures);
        distances.forEach((distance, m) => {
          const declared = plan.measures[m]?.sensitivity ?? 0n;
          expect(distance).toBeLessThanOrEqual(declared);
          if (distance > reached) reached = distance;
        });
        // The same randomness: the noise follows from the plan alone and cancels out.
        const noisy = (exact: ExactFigures) => figuresByGroup(exact.release(plan, new SeededBits('noise')));
        expect(noisy(whole).distancesTo(noisy(figures))).toEqual(distances);
      }
      expect(reached).toBeGreaterThan(0n);
    }
  });

  it('reach the declared sensitivity in the worst case, so the bound is not slack', async () => {
    const plan = await planOf('SELECT kind, COUNT(*), SUM(x), COUNT(DISTINCT who) FROM wages GROUP BY kind', {
      ...small,
      maxGroupsPerUnit: 2,
    });
    const others = 'who,kind,x\n2,a,3\n3,b,4\n';
    const greedy = ['a', 'b', 'c'].map((kind) => `1,${kind},99\n`.repeat(9)).join('');
    const [without, having] = await Promise.all([
      engine.measure(plan, Buffer.from(others), 'k'),
      engine.measure(plan, Buffer.from(others + greedy), 'k'),
    ]);
    expect(having.distancesTo(without)).toEqual(plan.measures.map((measure) => measure.sensitivity));
  });
});

/** Every point of every group's histogram moved by one unit, and the most that a score of any point moved. */
describe('quantiles of two tables that differ by one unit', () => {
  const declared: DatasetDeclaration = { ...small, maxGroupsPerUnit: 2, maxRowsPerGroup: 3 };
  const sql = 'SELECT kind, MEDIAN(x), QUANTILE(x, 0.9), QUANTILE(x, 0.05) FROM wages GROUP BY kind';
  const others = Array.from({ length: 40 }, (_, i) => `o${i},${'abc'[i % 3]},${(i % 11) - 1}\n`).join('');

  it.each([
    ['few rows', '1,a,3\n1,b,9\n'],
    ['one row', '1,c,10\n'],
    ['rows of one value in every group', ['a', 'b', 'c'].map((kind) => `1,${kind},10\n`.repeat(9)).join('')],
    [
      'rows of all values in every group',
      ['a', 'b', 'c']
        .map((kind) => Array.from({ length: 12 }, (_, i) => `1,${kind},${i - 1}\n`).join(''))
        .join(''),
    ],
    ['values beyond the bounds', '1,a,1e300\n1,a,-1e300\n1,a,nan\n1,b,inf\n'],
  ])('move no score further than declared, and none in more groups: %s', async (_, rows) => {
    const plan = await planOf(sql, declared);
    for (const selectionKey of ['one', 'two', 'three']) {
      const [having, without] = await Promise.all(
        [others + rows, others].map((body) =>
          engine.measure(plan, Buffer.from(`who,kind,x\n${body}`), selectionKey),
        ),
      );
      if (!having || !without) throw new Error('not measured');
      having.scoreDistancesTo(without, plan).forEach((moved, q) => {
        const declaredMove = plan.quantiles[q]?.selection.sensitivity.perScore ?? 0n;
        expect(BigInt(moved.length)).toBeLessThanOrEqual(plan.groupsPerUnit);
        for (const distance of moved) expect(distance).toBeLessThanOrEqual(declaredMove);
      });
    }
  });

  it('reach what is declared in the worst case', async () => {
    const plan = await planOf(sql, declared);
    const greedy = ['a', 'b', 'c'].map((kind) => `1,${kind},10\n`.repeat(9)).join('');
    const [having, without] = await Promise.all(
      [others + greedy, others].map((body) => engine.measure(plan, Buffer.from(`who,kind,x\n${body}`), 'k')),
    );
    if (!having || !without) throw new Error('not measured');
    const [median, high] = having.scoreDistancesTo(without, plan);
    expect(median).toEqual([3n, 3n]);
    expect(high).toEqual([27n, 27n]);
    expect(plan.quantiles.map(({ selection }) => selection.sensitivity.perScore)).toEqual([3n, 27n, 57n]);
  });

  it('cost exactly the charge over all groups that a unit counts in', async () => {
    const plan = await planOf(sql, declared);
    for (const { selection, loss } of plan.quantiles) {
      expect(loss).toEqual({ definition: 'pure', epsilon: { numerator: 1n, denominator: 3n } });
      expect(selection.epsilon).toEqual({ numerator: 1n, denominator: 6n });
    }
  });

  it('are refused over more groups than fit in memory', async () => {
    const values = Array.from({ length: 1001 }, (_, i) => `v${i}`);
    const wide: DatasetDeclaration = {
      ...small,
      columns: small.columns.map((column) =>
        column.name === 'kind' ? { name: 'kind', type: 'category', values } : column,
      ),
    };
    await expect(planOf('SELECT MEDIAN(x) FROM wages GROUP BY kind', wide)).rejects.toEqual(
      expect.objectContaining({ code: 'question_refused', meta: { clause: 'QUANTILE' } }),
    );
  });
});

describe('a unit with more rows than count', () => {
  it('gives AVG its own average that many times, so that numerator and denominator stay of one size', async () => {
    const csv = `who,kind,x\n${'1,a,10\n'.repeat(25)}${'1,a,-1\n'.repeat(25)}`;
    // Bounds −1 to 10 in tenths: the middle point is 55 steps above −1, and two rows count. The average lies on it.
    expect(await magnitudes('SELECT AVG(x) FROM wages', csv, small)).toEqual([2n, 0n]);
    expect(await magnitudes('SELECT VARIANCE(x) FROM wages', csv, small)).toEqual([2n, 0n, 2n * 55n * 55n]);
    expect(
      await magnitudes('SELECT AVG(x) FROM wages', `who,kind,x\n${'1,a,10\n'.repeat(9)}`, small),
    ).toEqual([2n, 110n]);
  });
});

describe('defects of others', () => {
  const bounded = (lower: number, upper: number): DatasetDeclaration => ({
    ...small,
    columns: [
      { name: 'who', type: 'id' },
      { name: 'x', type: 'number', lower, upper, decimals: 0 },
    ],
    maxRowsPerGroup: 1,
  });

  it.each([
    [0, 1],
    [0, 10],
    [-10, 0],
    [-1, 0],
    [5, 6],
    [5, 8],
    [-7, 20],
    [0, 2 ** 40],
  ])('a sensitivity of zero for bounds such as %d and %d (diffprivlib#110)', async (lower, upper) => {
    const plan = await planOf('SELECT AVG(x), VARIANCE(x), SUM(x) FROM wages', bounded(lower, upper));
    for (const { sensitivity } of plan.measures) expect(sensitivity).toBeGreaterThan(0n);
    for (const extreme of [lower, upper, 9e15, -9e15]) {
      const [having, without] = await Promise.all([
        engine.measure(plan, Buffer.from(`who,x\n2,${lower}\n1,${extreme}\n`), 'k'),
        engine.measure(plan, Buffer.from(`who,x\n2,${lower}\n`), 'k'),
      ]);
      having.distancesTo(without).forEach((distance, m) => {
        expect(distance).toBeLessThanOrEqual(plan.measures[m]?.sensitivity ?? 0n);
      });
    }
  });

  it('squares about a rounded mean: ours do not move when other rows move the mean (opendp#2923)', async () => {
    // Odd ranges: the centre is rounded, the mean of the rows is not on the grid, and one row of an extreme comes or goes.
    for (const [lower, upper] of [
      [0, 3],
      [0, 10],
      [-4, 5],
      [1, 100],
    ] as const) {
      const plan = await planOf('SELECT VARIANCE(x) FROM wages', bounded(lower, upper));
      for (const others of [[lower], [lower, upper], [upper, upper, lower], [upper, upper]])
        for (const extreme of [lower, upper]) {
          const rows = others.map((x, i) => `o${i},${x}\n`).join('');
          const [having, without] = await Promise.all([
            engine.measure(plan, Buffer.from(`who,x\n${rows}1,${extreme}\n`), 'k'),
            engine.measure(plan, Buffer.from(`who,x\n${rows}`), 'k'),
          ]);
          having.distancesTo(without).forEach((distance, m) => {
            expect(distance).toBeLessThanOrEqual(plan.measures[m]?.sensitivity ?? 0n);
          });
        }
    }
  });

  it('bounds that are missing, and so no noise (smartnoise-sdk#317): every figure has a mechanism', async () => {
    const plan = await planOf(
      'SELECT region, COUNT(*), AVG(amount), STDDEV(amount), MEDIAN(amount) FROM wages GROUP BY region',
    );
    for (const { mechanism } of plan.measures) expect(mechanism.scale.numerator).toBeGreaterThan(0n);
    for (const { selection } of plan.quantiles) expect(selection.scale.numerator).toBeGreaterThan(0n);
  });

  it('a denominator that is public (smartnoise-core#356): the count of an average is noisy and charged', async () => {
    const plan = await planOf('SELECT AVG(amount) FROM wages');
    expect(plan.measures.map(({ text }) => text)).toEqual(['COUNT("amount")', 'SUM("amount" - middle)']);
    expect(plan.measures.map(({ mechanism }) => mechanism.cost)).toEqual(
      Array.from({ length: 2 }, () => ({ definition: 'pure', epsilon: { numerator: 1n, denominator: 2n } })),
    );
  });
});

describe('the plan of a question', () => {
  it('pays once for what two figures share', async () => {
    const plan = await planOf(
      'SELECT COUNT(amount), AVG(amount), VARIANCE(amount), STDDEV(amount) FROM wages',
    );
    expect(plan.measures.map(({ text }) => text)).toEqual([
      'COUNT("amount")',
      'SUM("amount" - middle)',
      'SUM(("amount" - middle)^2)',
    ]);
  });

  it('divides the charge exactly among distinct measures', async () => {
    const plan = await planOf('SELECT COUNT(*), SUM(amount), COUNT(*), COUNT(DISTINCT person_id) FROM wages');
    expect(plan.measures.map((measure) => measure.text)).toEqual([
      'COUNT(*)',
      'SUM("amount")',
      'COUNT(DISTINCT unit)',
    ]);
    expect(plan.measures.map((measure) => measure.mechanism.cost)).toEqual(
      Array.from({ length: 3 }, () => ({ definition: 'pure', epsilon: { numerator: 1n, denominator: 3n } })),
    );
  });

  it('has the sensitivities of the table in the reference', async () => {
    const plan = await planOf(
      'SELECT region, COUNT(*), SUM(amount), COUNT(DISTINCT person_id) FROM wages GROUP BY region',
    );
    expect(plan.measures.map((measure) => measure.sensitivity)).toEqual([2n * 8n, 2n * 8n * 5_000_000n, 2n]);
    const total = await planOf('SELECT COUNT(*) FROM wages');
    expect(total.measures[0]?.sensitivity).toBe(8n);
  });

  it('refuses a question over more groups than anybody reads', async () => {
    const values = Array.from({ length: 101 }, (_, i) => `v${i}`);
    const declaration: DatasetDeclaration = {
      ...small,
      columns: [
        { name: 'who', type: 'id' },
        { name: 'a', type: 'category', values },
        { name: 'b', type: 'category', values },
      ],
    };
    await expect(planOf('SELECT COUNT(*) FROM wages GROUP BY a, b', declaration)).rejects.toEqual(
      expect.objectContaining({ code: 'question_refused', meta: { clause: 'GROUP BY' } }),
    );
  });
});

describe('the engine', () => {
  it('fails rather than spill when memory runs out', async () => {
    const tight = new DuckdbEngine({ threads: 1, memoryLimitMb: 8 });
    const plan = await planOf('SELECT COUNT(DISTINCT who) FROM wages', small);
    const csv = `who,kind,x\n${Array.from({ length: 300_000 }, (_, i) => `someone-with-a-long-name-${i},a,1\n`).join('')}`;
    await expect(tight.measure(plan, Buffer.from(csv), 'k')).rejects.toThrow();
  });

  it('does not show exact figures to whoever prints them', async () => {
    const figures = new ExactFigures([[42n]]);
    expect(JSON.stringify(figures)).toBe('{}');
    expect(Object.keys(figures)).toEqual([]);
  });
});
