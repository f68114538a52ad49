import { PICO_PER_EPSILON } from '@castellan/differential-privacy';
import type { DatasetDeclaration, PublicTable } from '@castellan/contracts';
import { parseDeclaration } from '../declaration/protected-table.js';
import { parseQuestion } from '../question/parse-question.js';
import { DuckdbEngine } from './duckdb-engine.js';
import { ExactFigures } from './exact-figures.js';
import { planMeasurement } from './measurement-plan.js';

const countries: PublicTable = {
  name: 'countries',
  key: 'iso',
  columns: [
    { name: 'continent', type: 'category', values: ['Africa', 'Asia', 'Europe'] },
    { name: 'tax', type: 'number', lower: 0, upper: 50, decimals: 1 },
  ],
  rows: [
    ['cn', 'Asia', 13],
    ['jp', 'Asia', 10],
    ["d'e", 'Europe', 19.5],
  ],
};
const declaration: DatasetDeclaration = {
  columns: [
    { name: 'who', type: 'id' },
    { name: 'land', type: 'text' },
  ],
  privacyUnit: 'who',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 5,
  publicTables: [countries],
  purpose: 'test',
};
const engine = new DuckdbEngine({ threads: 2, memoryLimitMb: 512 });

async function measured(sql: string, csv: string) {
  const table = parseDeclaration('trips', declaration);
  const charge = { costPico: PICO_PER_EPSILON, costAtto: 10n ** 9n };
  const plan = planMeasurement(await parseQuestion(sql, table), table, charge);
  return { plan, figures: await engine.measure(plan, Buffer.from(`who,land\n${csv}`), 'k') };
}

const JOINED = `FROM trips t JOIN countries c ON t.land = c.iso`;

describe('a protected table joined to a public one', () => {
  it('is grouped, filtered and added up by public columns; rows without a match are left out', async () => {
    const csv = "1,cn\n2,jp\n3,d'e\n4,xx\n5,\n6,cn\n";
    const { figures } = await measured(
      `SELECT continent, COUNT(*), SUM(c.tax) ${JOINED} GROUP BY continent`,
      csv,
    );
    expect(
      figures.distancesTo(
        new ExactFigures([
          [0n, 0n],
          [3n, 360n],
          [1n, 195n],
        ]),
      ),
    ).toEqual([0n, 0n]);
    const rich = await measured(`SELECT COUNT(*) ${JOINED} WHERE tax BETWEEN 12 AND 15`, csv);
    expect(rich.figures.distancesTo(new ExactFigures([[2n]]))).toEqual([0n]);
  });

  it('bounds a unit as without the join, and reaches the bound', async () => {
    const sql = `SELECT continent, COUNT(*), SUM(tax) ${JOINED} GROUP BY continent`;
    const others = '2,cn\n3,jp\n';
    const greedy = ['cn', 'jp', "d'e"].map((land) => `1,${land}\n`.repeat(9)).join('');
    const { plan, figures } = await measured(sql, others);
    const distances = (await measured(sql, others + greedy)).figures.distancesTo(figures);
    distances.forEach((distance, m) =>
      expect(distance).toBeLessThanOrEqual(plan.measures[m]?.sensitivity ?? 0n),
    );
    expect(distances[0]).toBe(5n);
  });
});

describe('a public table that contradicts itself', () => {
  it.each([
    [
      'a key twice',
      {
        rows: [
          ['cn', 'Asia', 1],
          ['cn', 'Asia', 2],
        ],
      },
    ],
    ['an empty key', { rows: [['', 'Asia', 1]] }],
    ['a short row', { rows: [['cn', 'Asia']] }],
    ['a value outside the list', { rows: [['cn', 'Atlantis', 1]] }],
    ['a number outside the bounds', { rows: [['cn', 'Asia', 51]] }],
    ['a number of more places', { rows: [['cn', 'Asia', 1.25]] }],
    ['a text for a number', { rows: [['cn', 'Asia', '1']] }],
    [
      'a name that is taken',
      { columns: [{ name: 'land', type: 'category', values: ['Asia'] }], rows: [['cn', 'Asia']] },
    ],
    ['an identifier', { columns: [{ name: 'id', type: 'id' }], rows: [['cn', 'x']] }],
    ['a text column', { columns: [{ name: 'note', type: 'text' }], rows: [['cn', 'x']] }],
  ] as [string, Partial<PublicTable>][])('is refused: %s', (_, part) => {
    const publicTables = [{ ...countries, ...part }];
    expect(() => parseDeclaration('trips', { ...declaration, publicTables })).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        publicDetail: expect.stringContaining('countries'),
      }),
    );
  });

  it('is refused when two have one name', () => {
    const publicTables = [countries, countries];
    expect(() => parseDeclaration('trips', { ...declaration, publicTables })).toThrow(
      expect.objectContaining({ code: 'declaration_invalid' }),
    );
  });
});
