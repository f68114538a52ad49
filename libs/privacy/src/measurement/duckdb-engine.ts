import type { DuckDBConnection } from '@duckdb/node-api';
import { readRecords } from '../declaration/table-format.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { publicTable } from '../question/joined-table.js';
import type { ExactFigures } from './exact-figures.js';
import { measureThrough, type RunQuery } from './measure-through.js';
import { MeasurementEngine } from './measurement-engine.js';
import type { MeasurementPlan } from './measurement-plan.js';
import { duckdbDialect, type SqlDialect } from './sql-dialect.js';

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
  dialect: SqlDialect = duckdbDialect,
): Promise<ExactFigures> {
  await loadPublic(connection, plan);
  const rows: RunQuery = async ({ sql, parameters }) =>
    (await connection.runAndReadAll(sql, [...parameters])).getRows();
  return measureThrough(rows, dialect, plan, selectionKey);
}
