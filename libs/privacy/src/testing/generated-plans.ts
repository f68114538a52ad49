import type { DatasetDeclaration, PostgresSource } from '@castellan/contracts';
import { PICO_PER_EPSILON } from '@castellan/differential-privacy';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parseDeclaration } from '../declaration/protected-table.js';
import { measureSource } from '../measurement/duckdb-engine.js';
import type { ExactFigures } from '../measurement/exact-figures.js';
import { planMeasurement, type MeasurementPlan } from '../measurement/measurement-plan.js';
import { duckdbDialect, type SqlDialect } from '../measurement/sql-dialect.js';
import { parseQuestion } from '../question/parse-question.js';

/** Hostile on purpose: a keyword, quotes, a placeholder, upper case, another script. */
export const hostileColumns = [
  'User"; DROP TABLE x; --',
  'select',
  '日',
  '$1',
  "a'b",
  'Ra`tio',
  'n',
] as const;
const [WHO, TOWN, DAY, NOTE, AMOUNT, RATIO, WHOLE] = hostileColumns;
const towns = ['ü', 'u\u0308', '東京', 'O\'Brien "x"', '👩‍⚕️', ' a', 'A', 'a\\'];
const days = ['2024-02-29', '1999-12-31', '0001-01-01'];

/** Texts of a table's cells: text, text, date, text, decimal, double, 64-bit integer. */
export type HostileRow = readonly (string | null)[];

const amounts = ['0.005', '0.015', '-2.5', '2.675', '1e400', '1e-400', '-1e-400', '1e30', '123456.785'];
const doubles = ['1e308', '-0', '5e-324', '0.1', '0.25', '2.5', '3.5', '-0.5'];

const row = fc.tuple(
  fc.constantFrom('1', '2', 'ß', '李', '', 'x'.repeat(300), null),
  fc.constantFrom(...towns, 'elsewhere', '', null),
  fc.constantFrom(...days, '2000-01-01', null),
  fc.constantFrom('b', 'B', 'é', '中', 'a|1', '', null),
  fc.constantFrom(...amounts, 'NaN', 'Infinity', null),
  fc.constantFrom(...doubles, 'NaN', 'Infinity', '-Infinity', null),
  fc.constantFrom('9223372036854775807', '-9223372036854775808', '0', '7', '-3', null),
);

const column = (name: string) => `"${name.replaceAll('"', '""')}"`;
const measures = [
  'COUNT(*)',
  `COUNT(DISTINCT ${column(WHO)})`,
  ...[AMOUNT, RATIO, WHOLE].flatMap((name) =>
    ['COUNT', 'SUM', 'AVG', 'VARIANCE', 'MEDIAN'].map((figure) => `${figure}(${column(name)})`),
  ),
  `COUNT(${column(NOTE)})`,
];
const conditions = [
  `${column(AMOUNT)} > 0.01`,
  `${column(RATIO)} IS NULL`,
  `NOT (${column(WHOLE)} BETWEEN -3 AND 7)`,
  `${column(TOWN)} IN ('a\\', '東京', 'u\u0308')`,
  `${column(NOTE)} <> 'b'`,
  `${column(DAY)} = '2024-02-29' OR ${column(RATIO)} <> 2.5`,
  `size = 'large' AND weight >= 0.5`,
];

/** A hostile table and a question about it, with small bounds. */
export const hostileCase = fc.record({
  rows: fc.array(row, { maxLength: 30 }),
  keys: fc.subarray([TOWN, DAY, NOTE, 'size'], { maxLength: 2 }),
  asked: fc.subarray(measures, { minLength: 1, maxLength: 4 }),
  where: fc.option(fc.constantFrom(...conditions)),
  maxGroupsPerUnit: fc.integer({ min: 1, max: 4 }),
  maxRowsPerGroup: fc.integer({ min: 1, max: 3 }),
});
type HostileCase = typeof hostileCase extends fc.Arbitrary<infer T> ? T : never;

function sqlOf({ keys, asked, where }: Pick<HostileCase, 'keys' | 'asked' | 'where'>): string {
  const join = [...keys, where ?? ''].some((part) => part.includes('size'))
    ? ` JOIN sizes ON ${column(DAY)} = sizes.day`
    : '';
  const by = keys.map(column);
  return `SELECT ${[...by, ...asked].join(', ')} FROM t${join}${where === null ? '' : ` WHERE ${where}`}${by.length > 0 ? ` GROUP BY ${by.join(', ')}` : ''}`;
}

export function hostileDeclaration(
  bounds: Pick<DatasetDeclaration, 'maxGroupsPerUnit' | 'maxRowsPerGroup'>,
  source?: PostgresSource,
): DatasetDeclaration {
  return {
    columns: [
      { name: WHO, type: 'id' },
      { name: TOWN, type: 'category', values: towns },
      { name: DAY, type: 'category', values: days },
      { name: NOTE, type: 'text' },
      { name: AMOUNT, type: 'number', lower: -10, upper: 1_000, decimals: 2 },
      { name: RATIO, type: 'number', lower: -1, upper: 3, decimals: 0 },
      { name: WHOLE, type: 'number', lower: -1_000_000, upper: 1_000_000, decimals: 0 },
    ],
    ...(source === undefined ? {} : { source }),
    publicTables: [
      {
        name: 'sizes',
        key: 'day',
        columns: [
          { name: 'size', type: 'category', values: ['large', 'small'] },
          { name: 'weight', type: 'number', lower: 0, upper: 1, decimals: 1 },
        ],
        rows: [
          ['2024-02-29', 'large', 0.5],
          ['1999-12-31', 'small', 1],
        ],
      },
    ],
    privacyUnit: WHO,
    neighbours: 'add_remove_unit',
    purpose: 'test',
    ...bounds,
  };
}

export async function planOf(asked: HostileCase, source?: PostgresSource): Promise<MeasurementPlan> {
  const table = parseDeclaration('t', hostileDeclaration(asked, source));
  const question = await parseQuestion(sqlOf(asked), table);
  return planMeasurement(question, table, { costPico: PICO_PER_EPSILON, costAtto: 10n ** 9n });
}

/** As a file with the same texts is measured here; which groups of a unit count is decided by the other engine's `hash`. */
export async function figuresAsFile(
  plan: MeasurementPlan,
  rows: readonly HostileRow[],
  { hash }: SqlDialect,
): Promise<ExactFigures> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE TABLE source (${hostileColumns.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
    for (const cells of rows)
      await connection.run(
        `INSERT INTO source VALUES (${cells.map((_, i) => `$${i + 1}`).join(', ')})`,
        cells.map((cell) => (cell === '' ? null : cell)),
      );
    return await measureSource(connection, plan, 'key', { ...duckdbDialect, hash });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
