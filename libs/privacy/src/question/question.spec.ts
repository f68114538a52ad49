import fc from 'fast-check';
import { parseDeclaration } from '../declaration/protected-table.js';
import { wagePanelDeclaration } from '../testing/wage-panel.js';
import { parseQuestion } from './parse-question.js';
import { renderQuestion } from './render-question.js';
import { identifier } from './question.js';

const table = parseDeclaration('wages', {
  ...wagePanelDeclaration,
  columns: [
    ...wagePanelDeclaration.columns,
    { name: 'odd "name"; --', type: 'number', lower: -1, upper: 1, decimals: 0 },
    { name: 'city', type: 'text' },
  ],
  publicTables: [
    {
      name: 'regions',
      key: 'code',
      columns: [
        { name: 'coast', type: 'category', values: ['east', 'west coast'] },
        { name: 'states', type: 'number', lower: 0, upper: 50, decimals: 0 },
      ],
      rows: [
        ['northeast', 'east', 9],
        ['west', 'west coast', 13],
      ],
    },
  ],
});

async function canonical(sql: string): Promise<string> {
  return renderQuestion(await parseQuestion(sql, table), table);
}

function refusal(clause: string) {
  return expect.objectContaining({ code: 'question_refused', meta: { clause } });
}

describe('a question in SQL', () => {
  it('is read into keys, measures and a condition', async () => {
    const question = await parseQuestion(
      `SELECT region, COUNT(*) AS n, SUM(amount) total, COUNT(DISTINCT person_id)
       FROM wages w WHERE w.year = 1983 AND amount > 100.5 GROUP BY region`,
      table,
    );
    expect(question).toEqual({
      table: 'wages',
      joins: [],
      keys: ['region'],
      selected: [
        { kind: 'key', column: 'region', as: 'region' },
        { kind: 'measure', measure: { kind: 'rows' }, as: 'n' },
        { kind: 'measure', measure: { kind: 'sum', column: 'amount' }, as: 'total' },
        { kind: 'measure', measure: { kind: 'units' }, as: 'count' },
      ],
      where: {
        kind: 'and',
        parts: [
          { kind: 'compare', column: 'year', operator: '=', value: '1983' },
          { kind: 'compare', column: 'amount', operator: '>', value: '100.5' },
        ],
      },
    });
  });

  it('has one canonical text whatever its spelling', async () => {
    const spellings = [
      'SELECT region, count(*), sum(amount) FROM wages GROUP BY region',
      'select REGION ,COUNT( * ) as n, Sum(w.amount) /* all of it */ from "wages" w group by w.region -- bye',
      'SELECT "region", COUNT(*), SUM("wages"."amount") FROM wages\n\tGROUP BY wages.region;',
    ];
    expect(new Set(await Promise.all(spellings.map(canonical)))).toEqual(
      new Set(['SELECT "region", COUNT(*), SUM("amount") FROM "wages" GROUP BY "region"']),
    );
  });

  it.each([
    'SELECT COUNT(*) FROM wages',
    `SELECT COUNT(amount) FROM wages WHERE NOT (region IN ('south', 'it''s') OR amount IS NULL)`,
    `SELECT COUNT(*) FROM wages WHERE amount BETWEEN -1.5 AND 20 AND (region <> 'west' OR NOT year = '1980')`,
    `SELECT COUNT(*) FROM wages WHERE 5 < amount AND (amount < 9 AND amount IS NOT NULL)`,
    `SELECT SUM("odd ""name""; --") FROM wages`,
    `SELECT year, region, COUNT(DISTINCT person_id) FROM wages GROUP BY region, year`,
    'SELECT AVG(amount), VARIANCE(amount), STDDEV(amount), MEDIAN(amount), QUANTILE(amount, 0.05) FROM wages',
  ])('reads its canonical text as the same question: %s', async (sql) => {
    const text = await canonical(sql);
    expect(await canonical(text)).toBe(text);
  });

  it('joins public tables, in one canonical text', async () => {
    const spellings = [
      'SELECT coast, COUNT(*) FROM wages JOIN regions ON wages.region = regions.code WHERE states > 5 GROUP BY coast',
      'select r.coast, count(*) from regions r inner join wages w on r.code = w.region where r.states > 5 group by r.coast',
    ];
    const text =
      'SELECT "coast", COUNT(*) FROM "wages" JOIN "regions" ON "wages"."region" = "regions"."code" WHERE "states" > 5 GROUP BY "coast"';
    for (const sql of spellings) expect(await canonical(sql)).toBe(text);
    expect(await canonical(text)).toBe(text);
  });

  it('groups by texts that are not public', async () => {
    const text = await canonical(`SELECT city, COUNT(*) FROM wages WHERE city <> 'x' GROUP BY city`);
    expect(text).toBe(`SELECT "city", COUNT(*) FROM "wages" WHERE "city" <> 'x' GROUP BY "city"`);
    expect(await canonical(text)).toBe(text);
  });

  it('names the same statistic in one way', async () => {
    const spellings = [
      'SELECT median(amount), var_samp(amount), stddev_samp(amount) FROM wages',
      'SELECT quantile(amount, .50), VARIANCE(amount), STDDEV(amount) FROM wages',
    ];
    expect(new Set(await Promise.all(spellings.map(canonical)))).toEqual(
      new Set(['SELECT QUANTILE("amount", 0.5), VARIANCE("amount"), STDDEV("amount") FROM "wages"']),
    );
  });

  it('calls columns what SQL calls them', async () => {
    const { selected } = await parseQuestion(
      'SELECT COUNT(*), AVG(amount), VAR_SAMP(amount), MEDIAN(amount), QUANTILE(amount, 0.9) AS p90 FROM wages',
      table,
    );
    expect(selected.map((item) => item.as)).toEqual(['count', 'avg', 'var_samp', 'median', 'p90']);
  });

  it('keeps hostile texts inside their quotes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (value) => {
        fc.pre(!value.includes('\0') && value.isWellFormed());
        const sql = `SELECT COUNT(*) FROM wages WHERE region = '${value.replaceAll("'", "''")}'`;
        const question = await parseQuestion(sql, table);
        expect(question.where).toEqual({ kind: 'compare', column: 'region', operator: '=', value });
        expect(await canonical(await canonical(sql))).toBe(await canonical(sql));
      }),
      { numRuns: 60 },
    );
  });
});

describe('SQL that can not be made private', () => {
  it.each([
    ['SELECT', 'SELECT * FROM wages'],
    ['SELECT', 'SELECT region FROM wages GROUP BY region'],
    ['SELECT', 'SELECT amount, COUNT(*) FROM wages'],
    ['SELECT', 'SELECT SUM(amount) * 2 FROM wages'],
    ['SELECT', 'SELECT (SELECT COUNT(*) FROM wages) FROM wages'],
    ['SELECT', 'SELECT COUNT(*), 1 FROM wages'],
    ['SELECT', `SELECT COUNT(*), nosuch FROM wages`],
    ['SUM', 'SELECT SUM(amount + 1) FROM wages'],
    ['SUM', 'SELECT SUM(region) FROM wages'],
    ['SUM', 'SELECT SUM(person_id) FROM wages'],
    ['SUM', 'SELECT SUM(*) FROM wages'],
    ['SUM', 'SELECT SUM(nosuch) FROM wages'],
    ['DISTINCT', 'SELECT COUNT(DISTINCT region) FROM wages'],
    ['DISTINCT', 'SELECT SUM(DISTINCT amount) FROM wages'],
    ['DISTINCT', 'SELECT DISTINCT COUNT(*) FROM wages'],
    ['MAX', 'SELECT MAX(amount) FROM wages'],
    ['VAR_POP', 'SELECT VAR_POP(amount) FROM wages'],
    ['AVG', 'SELECT AVG(region) FROM wages'],
    ['AVG', 'SELECT AVG(*) FROM wages'],
    ['AVG', 'SELECT AVG(amount, amount) FROM wages'],
    ['AVG', 'SELECT AVG(amount * 1000) FROM wages'],
    ['DISTINCT', 'SELECT AVG(DISTINCT amount) FROM wages'],
    ['DISTINCT', 'SELECT MEDIAN(DISTINCT amount) FROM wages'],
    ['STDDEV', 'SELECT STDDEV(person_id) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, 0) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, 1) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, -0.5) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, 0.12345) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, 1e-1) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, amount) FROM wages'],
    ['QUANTILE', 'SELECT QUANTILE(amount, 0.5, 0.5) FROM wages'],
    ['ORDER BY', 'SELECT QUANTILE(0.5) WITHIN GROUP (ORDER BY amount) FROM wages'],
    ['PG_SLEEP', 'SELECT pg_sleep(10), COUNT(*) FROM wages'],
    ['PG_CATALOG.COUNT', 'SELECT pg_catalog.count(*) FROM wages'],
    ['FILTER', 'SELECT COUNT(*) FILTER (WHERE amount > 1) FROM wages'],
    ['OVER', 'SELECT COUNT(*) OVER () FROM wages'],
    ['ORDER BY', 'SELECT COUNT(amount ORDER BY amount) FROM wages'],
    ['FROM', 'SELECT COUNT(*) FROM other'],
    ['FROM', 'SELECT COUNT(*)'],
    ['FROM', 'SELECT COUNT(*) FROM public.wages'],
    ['FROM', 'SELECT COUNT(*) FROM (SELECT * FROM wages) w'],
    ['FROM', `SELECT COUNT(*) FROM read_csv('/etc/passwd')`],
    ['FROM', 'SELECT COUNT(*) FROM wages AS w(a, b)'],
    ['JOIN', 'SELECT COUNT(*) FROM wages, wages w'],
    ['USING', 'SELECT COUNT(*) FROM wages JOIN regions USING (region)'],
    ['NATURAL JOIN', 'SELECT COUNT(*) FROM wages NATURAL JOIN regions'],
    ['CROSS JOIN', 'SELECT COUNT(*) FROM wages CROSS JOIN regions'],
    ['LEFT JOIN', 'SELECT COUNT(*) FROM wages LEFT JOIN regions r ON wages.region = r.code'],
    ['FULL JOIN', 'SELECT COUNT(*) FROM wages FULL JOIN regions r ON wages.region = r.code'],
    ['JOIN', 'SELECT COUNT(*) FROM wages JOIN wages w ON wages.person_id = w.person_id'],
    [
      'JOIN',
      'SELECT COUNT(*) FROM wages JOIN regions r ON wages.region = r.code JOIN regions s ON s.code = wages.region',
    ],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON true'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON wages.region = r.code AND wages.amount > 5'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON wages.region <> r.code'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON wages.region = r.coast'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON wages.person_id = r.code'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON wages.amount = r.code'],
    ['ON', 'SELECT COUNT(*) FROM wages JOIN regions r ON r.code = r.code'],
    ['FROM', 'SELECT COUNT(*) FROM regions'],
    ['FROM', 'SELECT COUNT(*) FROM wages JOIN regions wages ON wages.region = wages.code'],
    ['FROM', 'SELECT COUNT(*) FROM wages JOIN (SELECT * FROM regions) r ON wages.region = r.code'],
    [
      'GROUP BY',
      'SELECT r.code, COUNT(*) FROM wages JOIN regions r ON wages.region = r.code GROUP BY r.code',
    ],
    ['GROUP BY', 'SELECT coast, COUNT(*) FROM wages GROUP BY coast'],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE city > 'a'`],
    ['GROUP BY', 'SELECT person_id, COUNT(*) FROM wages GROUP BY person_id'],
    ['GROUP BY', 'SELECT amount, COUNT(*) FROM wages GROUP BY amount'],
    ['GROUP BY', 'SELECT region, COUNT(*) FROM wages GROUP BY 1'],
    ['GROUP BY', 'SELECT region, COUNT(*) FROM wages GROUP BY ROLLUP (region)'],
    ['GROUP BY', 'SELECT region, COUNT(*) FROM wages GROUP BY region, region'],
    ['GROUP BY DISTINCT', 'SELECT region, COUNT(*) FROM wages GROUP BY DISTINCT region'],
    ['HAVING', 'SELECT region, COUNT(*) FROM wages GROUP BY region HAVING COUNT(*) > 5'],
    ['ORDER BY', 'SELECT region, COUNT(*) FROM wages GROUP BY region ORDER BY region'],
    ['LIMIT', 'SELECT COUNT(*) FROM wages LIMIT 1'],
    ['OFFSET', 'SELECT COUNT(*) FROM wages OFFSET 1'],
    ['WITH', 'WITH x AS (SELECT 1) SELECT COUNT(*) FROM wages'],
    ['UNION', 'SELECT COUNT(*) FROM wages UNION SELECT COUNT(*) FROM wages'],
    ['VALUES', 'VALUES (1)'],
    ['FOR UPDATE', 'SELECT COUNT(*) FROM wages FOR UPDATE'],
    ['INTO', 'SELECT COUNT(*) INTO x FROM wages'],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE person_id = '13'`],
    ['WHERE', 'SELECT COUNT(*) FROM wages WHERE amount > amount'],
    ['WHERE', 'SELECT COUNT(*) FROM wages WHERE amount / 0 > 1'],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE region LIKE 's%'`],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE region > 'm'`],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE region = NULL`],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE amount = 'much'`],
    ['WHERE', 'SELECT COUNT(*) FROM wages WHERE amount > 1e400'],
    ['WHERE', 'SELECT COUNT(*) FROM wages WHERE EXISTS (SELECT 1 FROM wages)'],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE region IN (SELECT region FROM wages)`],
    ['WHERE', 'SELECT COUNT(*) FROM wages WHERE TRUE'],
    ['WHERE', `SELECT COUNT(*) FROM wages WHERE ${'NOT '.repeat(100)} amount = 1`],
    ['INSERT', `INSERT INTO wages VALUES (1)`],
    ['DROP', 'DROP TABLE wages'],
    ['COPY', `COPY wages TO '/tmp/x'`],
  ])('is refused, naming %s: %s', async (clause, sql) => {
    await expect(parseQuestion(sql, table)).rejects.toEqual(refusal(clause));
  });
});

describe('what is not a question at all', () => {
  it.each([
    '',
    '   ',
    '-- nothing',
    'SELEKT COUNT(*) FROM wages',
    'SELECT COUNT(*) FROM wages; DROP TABLE wages',
    'SELECT COUNT(*) FROM wages\0 WHERE region = 1',
    `SELECT COUNT(*) FROM wages WHERE region = '\ud800'`,
    'SELECT COUNT(*) FROM wages /* open',
    `SELECT COUNT(*) FROM wages WHERE amount = ${'1+'.repeat(2000)}1`,
  ])('is malformed: %j', async (sql) => {
    await expect(parseQuestion(sql, table)).rejects.toEqual(
      expect.objectContaining({ code: 'question_malformed' }),
    );
  });

  it('is told where it stops being SQL', async () => {
    await expect(parseQuestion('SELECT COUNT(*) FROM FROM', table)).rejects.toEqual(
      expect.objectContaining({ meta: { position: 22 } }),
    );
  });
});

describe('a quoted identifier', () => {
  it('doubles its quotes', () => {
    expect(identifier('a"b')).toBe('"a""b"');
  });
});
