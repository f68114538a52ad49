import { parseArgs } from 'node:util';
import type { DatasetDeclaration } from '@castellan/contracts';
import {
  LossAccount,
  PICO_PER_EPSILON,
  rational,
  sampledGaussianProfile,
  sampleDiscreteGaussian,
  sampleDiscreteLaplace,
  SystemBits,
} from '@castellan/differential-privacy';
import { measureSource, parseDeclaration, parseQuestion, planMeasurement } from '@castellan/privacy/testing';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { median, rounded, secondsOf } from './measure.js';

const GROUPS_PER_UNIT = 5;
const ROWS_PER_GROUP = 20;
const NOISE_DRAWS = 200_000;

/**
 * A private GROUP BY against the same bounding query without noise, and against a plain GROUP BY, on a table of the
 * measuring engine's own form (texts) that is already in its memory: reading and unsealing are not in these figures.
 * Then the samplers, and the account of DP-SGD (q = 256/60000, σ = 1.1, 14 100 steps).
 *
 * Options: `--rows` (default 10000000), `--units` (default a tenth of the rows), `--groups` (default 5000), `--threads`
 * (default 2), `--memory-mb` (default 4096), `--rounds` (default 3; figures are medians).
 */
export async function privacy(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '10000000' },
      units: { type: 'string' },
      groups: { type: 'string', default: '5000' },
      threads: { type: 'string', default: '2' },
      'memory-mb': { type: 'string', default: '4096' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const rows = positive(values.rows, 'rows');
  const units = values.units === undefined ? Math.ceil(rows / 10) : positive(values.units, 'units');
  const groups = positive(values.groups, 'groups');
  const rounds = positive(values.rounds, 'rounds');
  const threads = positive(values.threads, 'threads');
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    await connection.run(`SET memory_limit = '${positive(values['memory-mb'], 'memory-mb')}MB'`);
    const seconds = await questionSeconds(connection, { rows, units, groups, rounds });
    return {
      rows,
      units,
      groups,
      threads,
      rounds,
      plainSeconds: rounded(seconds.plain),
      boundedSeconds: rounded(seconds.bounded),
      privateSeconds: rounded(seconds.private),
      privateOverBounded: rounded(seconds.overBounded),
      noisePerSecond: await noiseRates(),
      pldComposeSeconds: rounded(await composeSeconds()),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${option} is a positive integer`);
  return value;
}

interface Sizes {
  readonly rows: number;
  readonly units: number;
  readonly groups: number;
  readonly rounds: number;
}

async function questionSeconds(connection: DuckDBConnection, { rows, units, groups, rounds }: Sizes) {
  console.error(`making ${rows} rows of ${units} units in ${groups} groups`);
  // Texts and random order, as a table that was uploaded; values of up to 100 with two decimals.
  await connection.run(`CREATE TABLE source AS SELECT
    CAST(hash(i) % ${units} AS VARCHAR) AS c0,
    CAST(hash(i, 1) % ${groups} AS VARCHAR) AS c1,
    CAST(CAST(hash(i, 2) % 10000 AS DOUBLE) / 100 AS VARCHAR) AS c2
    FROM range(${rows}) AS t(i)`);
  const plan = await planOf(groups);
  const random = new SystemBits();
  const times = {
    plain: [] as number[],
    bounded: [] as number[],
    private: [] as number[],
    overBounded: [] as number[],
  };
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}: plain; bounded, then private`);
    times.plain.push(
      await secondsOf(() =>
        connection.runAndReadAll('SELECT c1, count(*), sum(CAST(c2 AS DOUBLE)) FROM source GROUP BY c1'),
      ),
    );
    // One run for both: what else the machine does between two runs is more than all of the noise.
    const started = performance.now();
    const exact = await measureSource(connection, plan, `round ${round}`);
    const bounded = (performance.now() - started) / 1_000;
    exact.release(plan, random);
    times.bounded.push(bounded);
    times.private.push((performance.now() - started) / 1_000);
    times.overBounded.push((times.private.at(-1) ?? 0) / bounded);
    await dropKeys(connection);
  }
  return {
    plain: median(times.plain),
    bounded: median(times.bounded),
    private: median(times.private),
    overBounded: median(times.overBounded),
  };
}

async function dropKeys(connection: DuckDBConnection): Promise<void> {
  await connection.run('DROP TABLE key0');
}

async function planOf(groups: number) {
  const declaration: DatasetDeclaration = {
    columns: [
      { name: 'unit', type: 'id' },
      { name: 'kind', type: 'category', values: Array.from({ length: groups }, (_, i) => String(i)) },
      { name: 'amount', type: 'number', lower: 0, upper: 100, decimals: 2 },
    ],
    privacyUnit: 'unit',
    neighbours: 'add_remove_unit',
    maxGroupsPerUnit: GROUPS_PER_UNIT,
    maxRowsPerGroup: ROWS_PER_GROUP,
    purpose: 'bench',
  };
  const table = parseDeclaration('bench', declaration);
  const question = await parseQuestion('SELECT kind, COUNT(*), SUM(amount) FROM bench GROUP BY kind', table);
  return planMeasurement(question, table, { costPico: PICO_PER_EPSILON, costAtto: 0n });
}

/** Draws a second, one thread: discrete Laplace of scale 200, discrete Gaussian of σ 200. */
async function noiseRates() {
  console.error('noise');
  const random = new SystemBits();
  const scale = rational(200n);
  const rate = async (draw: () => bigint) => {
    const seconds = await secondsOf(async () => {
      for (let count = 0; count < NOISE_DRAWS; count++) draw();
    });
    return Math.round(NOISE_DRAWS / seconds);
  };
  return {
    laplace: await rate(() => sampleDiscreteLaplace(scale, random)),
    gaussian: await rate(() => sampleDiscreteGaussian(scale, random)),
  };
}

async function composeSeconds(): Promise<number> {
  console.error('composition');
  return secondsOf(async () => {
    const account = LossAccount.of(sampledGaussianProfile(256 / 60_000, 1.1)).times(14_100);
    const epsilon = account.epsilon(1e-5);
    if (Math.abs(epsilon - 2.385211) > 1e-3) throw new Error(`the account is wrong: ${epsilon}`);
  });
}
