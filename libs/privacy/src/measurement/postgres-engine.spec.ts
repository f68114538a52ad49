import { testDatabase, type TestDatabase } from '@castellan/database';
import { PICO_PER_EPSILON } from '@castellan/differential-privacy';
import type { DatasetDeclaration } from '@castellan/contracts';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parseDeclaration } from '../declaration/protected-table.js';
import { parseQuestion } from '../question/parse-question.js';
import { PostgresSession } from '../reference/postgres-session.js';
import { readReferenced } from '../reference/postgres-table.js';
import { ReaderRole } from '../testing/reader-role.js';
import { measureSource } from './duckdb-engine.js';
import type { ExactFigures } from './exact-figures.js';
import { planMeasurement, type MeasurementPlan } from './measurement-plan.js';
import { postgresDialect } from './postgres-dialect.js';
import { PostgresEngine } from './postgres-engine.js';
import { duckdbDialect } from './sql-dialect.js';

/** Hostile on purpose: a keyword, quotes, a placeholder, upper case, another script. */
const NAMES = ['User"; DROP TABLE x; --', 'select', '日', '$1', "a'b", 'Ratio', 'n'] as const;
const [WHO, TOWN, DAY, NOTE, AMOUNT, RATIO, WHOLE] = NAMES;
const TABLE = 'Wages"; DROP SCHEMA "clinic" CASCADE; --';
const towns = ['ü', 'u\u0308', '東京', 'O\'Brien "x"', '👩‍⚕️', ' a', 'A', 'a'];
const days = ['2024-02-29', '1999-12-31', '0001-01-01'];
const types = ['text', 'varchar', 'date', 'text', 'numeric', 'double precision', 'bigint'];

type Row = readonly (string | null)[];

const row = fc.tuple(
  fc.constantFrom('1', '2', 'ß', '李', '', 'x'.repeat(300), null),
  fc.constantFrom(...towns, 'elsewhere', '', null),
  fc.constantFrom(...days, '2000-01-01', null),
  fc.constantFrom('b', 'B', 'é', '中', 'a|1', '', null),
  fc.constantFrom(
    '0.005',
    '0.015',
    '-2.5',
    '2.675',
    '1e400',
    '1e-400',
    '-1e-400',
    '1e30',
    '123456.785',
    'NaN',
    'Infinity',
    null,
  ),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '-Infinity',
    '1e308',
    '-0',
    '5e-324',
    '0.1',
    '0.25',
    '2.5',
    '3.5',
    '-0.5',
    null,
  ),
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
  `${column(TOWN)} IN ('a', '東京', 'u\u0308')`,
  `${column(NOTE)} <> 'b'`,
  `${column(DAY)} = '2024-02-29' OR ${column(RATIO)} <> 2.5`,
  `size = 'large' AND weight >= 0.5`,
];

const question = fc.record({
  rows: fc.array(row, { maxLength: 30 }),
  keys: fc.subarray([TOWN, DAY, NOTE, 'size'], { maxLength: 2 }),
  asked: fc.subarray(measures, { minLength: 1, maxLength: 4 }),
  where: fc.option(fc.constantFrom(...conditions)),
  maxGroupsPerUnit: fc.integer({ min: 1, max: 4 }),
  maxRowsPerGroup: fc.integer({ min: 1, max: 3 }),
});

function sqlOf({ keys, asked, where }: { keys: string[]; asked: string[]; where: string | null }): string {
  const join = [...keys, where ?? ''].some((part) => part.includes('size'))
    ? ` JOIN sizes ON ${column(DAY)} = sizes.day`
    : '';
  const by = keys.map(column);
  return `SELECT ${[...by, ...asked].join(', ')} FROM t${join}${where === null ? '' : ` WHERE ${where}`}${by.length > 0 ? ` GROUP BY ${by.join(', ')}` : ''}`;
}

describe('measuring a table where it is', () => {
  let test: TestDatabase;
  let reader: ReaderRole;
  const engine = new PostgresEngine();

  beforeAll(async () => {
    test = await testDatabase();
    reader = await ReaderRole.on(test.url, 'clinic', TABLE);
    const columns = NAMES.map((name, i) => `${column(name)} ${types[i]}`).join(', ');
    await reader.admin.query(`CREATE SCHEMA clinic; CREATE TABLE clinic.${column(TABLE)} (${columns})`);
    // What a role or a database sets must change no answer, and no operator of somebody's may stand in.
    await reader.admin.query(`
      GRANT USAGE ON SCHEMA clinic TO ${reader.user};
      GRANT SELECT ON clinic.${column(TABLE)} TO ${reader.user};
      ALTER ROLE ${reader.user} SET datestyle = 'German';
      ALTER ROLE ${reader.user} SET extra_float_digits = -10;
      ALTER ROLE ${reader.user} SET search_path = clinic, pg_catalog;
      CREATE FUNCTION clinic.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR clinic.= (FUNCTION = clinic.never, LEFTARG = text, RIGHTARG = text)`);
  });
  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await test.close();
  });

  const declarationOf = (bounds: Pick<DatasetDeclaration, 'maxGroupsPerUnit' | 'maxRowsPerGroup'>) =>
    ({
      columns: [
        { name: WHO, type: 'id' },
        { name: TOWN, type: 'category', values: towns },
        { name: DAY, type: 'category', values: days },
        { name: NOTE, type: 'text' },
        { name: AMOUNT, type: 'number', lower: -10, upper: 1_000, decimals: 2 },
        { name: RATIO, type: 'number', lower: -1, upper: 3, decimals: 0 },
        { name: WHOLE, type: 'number', lower: -1_000_000, upper: 1_000_000, decimals: 0 },
      ],
      source: reader.source,
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
    }) satisfies DatasetDeclaration;

  async function fill(rows: readonly Row[]): Promise<void> {
    const cells = NAMES.map((_, i) => `(r->>${i})::${types[i]}`).join(', ');
    await reader.admin.query(`TRUNCATE clinic.${column(TABLE)}`);
    await reader.admin.query(
      `INSERT INTO clinic.${column(TABLE)} SELECT ${cells} FROM json_array_elements($1::json) AS r`,
      [JSON.stringify(rows)],
    );
  }

  /** As a file with the same texts would be measured; which groups of a unit count is decided as PostgreSQL decides it. */
  async function asFile(plan: MeasurementPlan, rows: readonly Row[]): Promise<ExactFigures> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    try {
      await connection.run(`CREATE TABLE source (${NAMES.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
      for (const cells of rows)
        await connection.run(
          `INSERT INTO source VALUES (${cells.map((_, i) => `$${i + 1}`).join(', ')})`,
          cells.map((cell) => (cell === '' ? null : cell)),
        );
      const dialect = { ...duckdbDialect, hash: postgresDialect.hash };
      return await measureSource(connection, plan, 'key', dialect);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  it('gives the figures, before noise, that the same table gives as a file', async () => {
    let nonzero = 0;
    await fc.assert(
      fc.asyncProperty(question, async ({ rows, ...asked }) => {
        const table = parseDeclaration('t', declarationOf(asked));
        const parsed = await parseQuestion(sqlOf(asked), table);
        const plan = planMeasurement(parsed, table, { costPico: PICO_PER_EPSILON, costAtto: 10n ** 9n });
        await fill(rows);
        const [there, here] = await Promise.all([
          engine.measure(plan, Buffer.from(reader.login), 'key'),
          asFile(plan, rows),
        ]);
        expect(there.distancesTo(here).filter((distance) => distance !== 0n)).toEqual([]);
        expect(there.scoreDistancesTo(here, plan).flat()).toEqual([]);
        nonzero += here.distancesTo(await asFile(plan, [])).some((distance) => distance > 0n) ? 1 : 0;
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(nonzero).toBeGreaterThan(10);
  });

  it('reads records as texts of one form, whatever the role has set', async () => {
    const bounds = { maxGroupsPerUnit: 1, maxRowsPerGroup: 1 };
    await fill([['ß', 'ü', '2024-02-29', '', '2.50', '0.1', '7']]);
    const table = parseDeclaration('t', declarationOf(bounds));
    expect(await Array.fromAsync(readReferenced(Buffer.from(reader.login), table))).toEqual([
      ['ß', 'ü', '2024-02-29', '', '2.50', '0.1', '7'],
    ]);
  });

  it('can’t write, and is stopped by the server when it takes too long', async () => {
    const login = { user: reader.user, password: reader.password };
    const source = { ...reader.source, statementTimeoutSeconds: 1 };
    await using session = await PostgresSession.open(source, login);
    await expect(session.rows('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await using another = await PostgresSession.open(source, login);
    await expect(another.rows('CREATE TEMP TABLE kept (x int)')).rejects.toMatchObject({ code: '25006' });
  });
});
