import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PICO_PER_EPSILON } from '@castellan/differential-privacy';
import type { DatasetDeclaration } from '@castellan/contracts';
import { DuckDBInstance } from '@duckdb/node-api';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import { ExactFigures } from '../measurement/exact-figures.js';
import { planMeasurement } from '../measurement/measurement-plan.js';
import { parseQuestion } from '../question/parse-question.js';
import { parseDeclaration, type TableFormat } from './protected-table.js';
import { checkedSource, readRecords } from './table-format.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'who', type: 'id' },
    { name: 'kind', type: 'category', values: ['a', 'b', 'ü'] },
    { name: 'x', type: 'number', lower: -5, upper: 10, decimals: 1 },
  ],
  privacyUnit: 'who',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 3,
  maxRowsPerGroup: 4,
  purpose: 'test',
};
const tableOf = (format: TableFormat) => parseDeclaration('t', { ...declaration, format });

async function passedThrough(
  format: TableFormat,
  bytes: Uint8Array | string,
  chunk = 7,
  table = tableOf(format),
): Promise<Buffer> {
  const whole = Buffer.from(bytes);
  async function* source() {
    for (let start = 0; start < whole.length; start += chunk) yield whole.subarray(start, start + chunk);
  }
  return Buffer.concat(await Array.fromAsync(checkedSource(source(), table)));
}

async function parquet(select: string, options = ''): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-parquet-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const file = join(folder, 'table.parquet');
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet${options})`);
    return await readFile(file);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

const SELECT = `SELECT CASE WHEN i % 50 = 7 THEN NULL ELSE i % 40 END AS who,
  CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'ü' END AS kind,
  CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'infinity'::DOUBLE WHEN 2 THEN NULL ELSE i / 8 END AS x
  FROM range(500) t(i)`;

describe('the same table in three formats', () => {
  it.each([
    '',
    ', COMPRESSION zstd',
    ', COMPRESSION gzip, ROW_GROUP_SIZE 2048',
    ', COMPRESSION uncompressed',
  ])('gives the same integers (Parquet%s)', async (options) => {
    const bytes = await parquet(SELECT, options);
    expect((await passedThrough('parquet', bytes, 1 << 10)).equals(bytes)).toBe(true);
    const records = await Array.fromAsync(readRecords(bytes, tableOf('parquet')));
    expect(records).toHaveLength(500);
    const csv = ['who,kind,x', ...records.map((record) => record.join(','))].join('\n');
    const json = records
      .map(([who, kind, x]) => JSON.stringify({ x: finite(x), kind, who: who === '' ? null : Number(who) }))
      .join('\n');
    const [one, two, three] = await Promise.all([
      measured('parquet', bytes),
      measured('csv', csv),
      measured('jsonl', json),
    ]);
    expect(one?.distancesTo(new ExactFigures([])).every((figure) => figure > 0n)).toBe(true);
    for (const other of [two, three]) if (other) expect(one?.distancesTo(other)).toEqual([0n, 0n, 0n]);
  });

  it('is refused with somebody in two parts that are declared disjoint', async () => {
    const rows = (second: string) => `SELECT 1 AS who, unnest(['a', '${second}']) AS kind, 1.0::DOUBLE AS x`;
    const apart = parseDeclaration('t', { ...declaration, format: 'parquet', onePartPerUnit: 'kind' });
    await expect(passedThrough('parquet', await parquet(rows('a')), 1 << 10, apart)).resolves.toBeDefined();
    await expect(passedThrough('parquet', await parquet(rows('b')), 1 << 10, apart)).rejects.toMatchObject({
      code: 'table_malformed',
    });
  });

  const finite = (text = '') => (text === '' || !Number.isFinite(Number(text)) ? text : Number(text));

  async function measured(format: TableFormat, bytes: Uint8Array | string) {
    const table = tableOf(format);
    const sql = 'SELECT kind, COUNT(*), SUM(x), COUNT(DISTINCT who) FROM t GROUP BY kind';
    const charge = { costPico: PICO_PER_EPSILON, costAtto: 0n };
    const plan = planMeasurement(await parseQuestion(sql, table), table, charge);
    return new DuckdbEngine({ threads: 1, memoryLimitMb: 256 }).measure(plan, Buffer.from(bytes), 'k');
  }
});

describe('JSON lines', () => {
  it('may lack members, hold nulls and blank lines, and be cut anywhere', async () => {
    const text = '{"who":1,"kind":"ü","x":-2.5}\n\n{"kind":null,"who":"2"}\r\n{"who":true,"x":1e3}';
    expect((await passedThrough('jsonl', text, 3)).toString()).toBe(text);
    expect(await Array.fromAsync(readRecords(Buffer.from(text), tableOf('jsonl')))).toEqual([
      ['1', 'ü', '-2.5'],
      ['2', '', ''],
      ['true', '', '1000'],
    ]);
    expect(await Array.fromAsync(readRecords(Buffer.from(''), tableOf('jsonl')))).toEqual([]);
  });

  it.each([
    ['no JSON', '{"who":1}\n{"who":secret}\n', /^Line 2 is not JSON\.$/],
    ['a list', '[1]\n', /Line 1 is not an object/],
    ['another member', '{"who":1,"name":"secret"}\n', /Line 1 has "name"/],
    ['something nested', '{"who":{"a":"secret"}}\n', /Line 1 has something nested in "who"/],
    ['an endless line', `{"who":"${'x'.repeat(2 << 20)}"}`, /Line 1 is longer/],
    ['letters of Latin-1', Buffer.from('{"who":"s\u00fcd"}', 'latin1'), /not UTF-8/],
  ])('are refused with %s, and without a word of it', async (_, text, message) => {
    const outcome = passedThrough('jsonl', text, 1 << 16);
    await expect(outcome).rejects.toMatchObject({
      code: 'table_malformed',
      publicDetail: expect.stringMatching(message),
    });
    await expect(outcome).rejects.toMatchObject({ publicDetail: expect.not.stringContaining('secret') });
  });
});

describe('a Parquet file', () => {
  it.each([
    ['DECIMAL(4, 2)', '-17.28', '-17.28'],
    ['DECIMAL(9, 3)', '-0.001', '-0.001'],
    ['DECIMAL(18, 4)', '12345678901234.5678', '12345678901234.5678'],
    [
      'DECIMAL(38, 10)',
      '-1234567890123456789012345678.0123456789',
      '-1234567890123456789012345678.0123456789',
    ],
    ['DECIMAL(38, 0)', '90071992547409931', '90071992547409931'],
    ['DECIMAL(10, 2)', '5', '5'],
    ['VARCHAR', "'5.00'", '5.00'],
  ])('has its %s %s to the last digit', async (type, value, read) => {
    const rows = `SELECT ${value}::${type} AS who, 'ü' AS kind, NULL::DECIMAL(9, 2) AS x`;
    const bytes = await parquet(`${rows} UNION ALL ${rows}`);
    const records = await Array.fromAsync(readRecords(bytes, tableOf('parquet')));
    expect(records).toEqual([
      [read, 'ü', ''],
      [read, 'ü', ''],
    ]);
  });

  it.each([
    ['another format', () => Promise.resolve(Buffer.from('who,kind,x\n1,a,2\n')), /not a Parquet file/],
    ['no bytes', () => Promise.resolve(Buffer.from('')), /not a Parquet file/],
    ['half of it', async () => (await parquet(SELECT)).subarray(0, 900), /not a Parquet file/],
    ['a column missing', () => parquet(`SELECT 1 AS who, 'a' AS kind`), /lacks "x"/],
    ['a column more', () => parquet(`SELECT 1 AS who, 'a' AS kind, 1 AS x, 2 AS "y;--"`), /has "y;--"/],
    ['a list', () => parquet(`SELECT 1 AS who, ['a'] AS kind, 1 AS x`), /"kind" is nested/],
    [
      'rows that were overwritten',
      async () => {
        const bytes = await parquet(SELECT, ', COMPRESSION zstd');
        return bytes.fill(0xff, 4, Math.floor(bytes.length / 3));
      },
      /can’t be read|holds neither|not a Parquet/,
    ],
  ])('is refused with %s', async (_, make, message) => {
    await expect(passedThrough('parquet', await make(), 1 << 10)).rejects.toMatchObject({
      code: 'table_malformed',
      publicDetail: expect.stringMatching(message),
    });
  });
});
