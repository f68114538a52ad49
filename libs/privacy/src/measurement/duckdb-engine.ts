import type { DuckDBConnection } from '@duckdb/node-api';
import { readRecords } from '../declaration/table-format.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { publicTable } from '../question/joined-table.js';
import { compileBoundingQuery, type BoundingQuery } from './bounding-query.js';
import type { ExactFigures, Histogram } from './exact-figures.js';
import { compileHistogramQuery } from './histogram-query.js';
import { MeasuredGroups } from './measured-groups.js';
import { MeasurementEngine } from './measurement-engine.js';
import type { MeasurementPlan } from './measurement-plan.js';

export interface DuckdbEngineOptions {
  readonly threads: number;
  readonly memoryLimitMb: number;
}

/** Its native library takes memory from whoever loads it, and the api, which has this module too, never measures. */
const duckdb = () => import('@duckdb/node-api');

/** Rows a chunk: DuckDB's own vector size. */
const CHUNK_ROWS = 2_048;

/** Nothing may be written, fetched or loaded, and nothing may change that later. */
const confinement = [
  `SET temp_directory = ''`,
  `SET max_temp_directory_size = '0B'`,
  `SET autoinstall_known_extensions = false`,
  `SET autoload_known_extensions = false`,
  `SET allow_community_extensions = false`,
  `SET enable_external_access = false`,
  `SET lock_configuration = true`,
];

/**
 * Measures with DuckDB inside this process: one in-memory database a measurement, dropped with it. No temporary
 * directory, no spilling (a question too large for `memoryLimitMb` fails), no file system, no extensions.
 */
export class DuckdbEngine extends MeasurementEngine {
  constructor(private readonly options: DuckdbEngineOptions) {
    super();
  }

  async measure(plan: MeasurementPlan, table: Uint8Array, selectionKey: string): Promise<ExactFigures> {
    const { DuckDBInstance } = await duckdb();
    const instance = await DuckDBInstance.create(':memory:', { threads: String(this.options.threads) });
    const connection = await instance.connect();
    try {
      await connection.run(`SET memory_limit = '${this.options.memoryLimitMb}MB'`);
      for (const setting of confinement) await connection.run(setting);
      await loadSource(connection, table, plan.source);
      return await measureSource(connection, plan, selectionKey);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }
}

async function loadSource(
  connection: DuckDBConnection,
  bytes: Uint8Array,
  table: ProtectedTable,
): Promise<void> {
  const columns = table.columns.map((_, i) => `c${i} VARCHAR`);
  await connection.run(`CREATE TABLE source (${columns.join(', ')})`);
  const appender = await connection.createAppender('source');
  const { DuckDBDataChunk, VARCHAR } = await duckdb();
  const types = table.columns.map(() => VARCHAR);
  let rows: (string | null)[][] = [];
  const flush = () => {
    const chunk = DuckDBDataChunk.create(types);
    chunk.setRows(rows);
    appender.appendDataChunk(chunk);
    rows = [];
  };
  for await (const record of readRecords(bytes, table)) {
    rows.push(record.map((field) => (field === '' ? null : field)));
    if (rows.length === CHUNK_ROWS) flush();
  }
  if (rows.length > 0) flush();
  appender.closeSync();
}

/** A table of texts, with its position where a list is public. */
async function loadTexts(
  connection: DuckDBConnection,
  name: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  await connection.run(
    `CREATE TABLE ${name} (${columns.map((column) => `${column} VARCHAR`).join(', ')}, position INTEGER)`,
  );
  const appender = await connection.createAppender(name);
  const { DuckDBDataChunk, INTEGER, VARCHAR } = await duckdb();
  const types = [...columns.map(() => VARCHAR), INTEGER];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const chunk = DuckDBDataChunk.create(types);
    chunk.setRows(rows.slice(start, start + CHUNK_ROWS).map((row, offset) => [...row, start + offset]));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function loadPublic(
  connection: DuckDBConnection,
  { keys, table, question }: MeasurementPlan,
): Promise<void> {
  for (const [i, key] of keys.entries())
    if (key.kind === 'category')
      await loadTexts(
        connection,
        `key${i}`,
        ['value'],
        key.values.map((value) => [value]),
      );
  for (const [i, join] of question.joins.entries()) {
    const { columns, rows } = publicTable(table, join.table);
    await loadTexts(connection, `public${i}`, ['k', ...columns.map((_, v) => `v${v}`)], rows);
  }
}

/**
 * Measures the table `source(c0, c1, …)` that the connection holds: texts, one column a declared column, NULL for missing.
 * The figures are exact. Adds the tables `key0`, … and `public0`, … of public values.
 */
export async function measureSource(
  connection: DuckDBConnection,
  plan: MeasurementPlan,
  selectionKey: string,
): Promise<ExactFigures> {
  await loadPublic(connection, plan);
  const groups = new MeasuredGroups(plan);
  if (plan.measures.length > 0)
    for (const row of await rowsOf(connection, compileBoundingQuery(plan, selectionKey)))
      groups.add(
        row,
        plan.measures.map((_, m) => figure(row[plan.keys.length + m])),
      );
  return groups.figures(await runHistograms(connection, plan, groups, selectionKey));
}

/** One query a column: quantiles of the same column are selected from the same rows. */
async function runHistograms(
  connection: DuckDBConnection,
  plan: MeasurementPlan,
  groups: MeasuredGroups,
  selectionKey: string,
): Promise<Histogram[]> {
  const byColumn = new Map<string, Histogram>();
  for (const quantile of plan.quantiles) {
    if (byColumn.has(quantile.column.name)) continue;
    const histogram = new Map<number, Map<number, bigint>>();
    for (const row of await rowsOf(connection, compileHistogramQuery(plan, quantile, selectionKey))) {
      const group = groups.indexOf(row);
      if (group === undefined) continue;
      const counts = histogram.get(group) ?? new Map<number, bigint>();
      histogram.set(group, counts.set(Number(row[plan.keys.length]), figure(row[plan.keys.length + 1])));
    }
    byColumn.set(quantile.column.name, histogram);
  }
  return plan.quantiles.map(({ column }) => byColumn.get(column.name) ?? new Map());
}

async function rowsOf(
  connection: DuckDBConnection,
  { sql, parameters }: BoundingQuery,
): Promise<readonly unknown[][]> {
  return (await connection.runAndReadAll(sql, [...parameters])).getRows();
}

/** NULL is the sum over no units. */
function figure(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n;
}
