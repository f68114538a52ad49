import { DuckDBDataChunk, DuckDBInstance, INTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { readRecords } from '../declaration/csv-table.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { compileBoundingQuery } from './bounding-query.js';
import { ExactFigures } from './exact-figures.js';
import { MeasurementEngine } from './measurement-engine.js';
import type { MeasurementPlan } from './measurement-plan.js';

export interface DuckdbEngineOptions {
  readonly threads: number;
  readonly memoryLimitMb: number;
}

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
    const instance = await DuckDBInstance.create(':memory:', { threads: String(this.options.threads) });
    const connection = await instance.connect();
    try {
      await connection.run(`SET memory_limit = '${this.options.memoryLimitMb}MB'`);
      for (const setting of confinement) await connection.run(setting);
      await loadSource(connection, table, plan.table);
      await loadKeys(connection, plan);
      return await runQuery(connection, plan, selectionKey);
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

async function loadKeys(connection: DuckDBConnection, plan: MeasurementPlan): Promise<void> {
  for (const [i, key] of plan.keys.entries()) {
    await connection.run(`CREATE TABLE key${i} (value VARCHAR, position INTEGER)`);
    const appender = await connection.createAppender(`key${i}`);
    for (let start = 0; start < key.values.length; start += CHUNK_ROWS) {
      const chunk = DuckDBDataChunk.create([VARCHAR, INTEGER]);
      chunk.setRows(
        key.values.slice(start, start + CHUNK_ROWS).map((value, offset) => [value, start + offset]),
      );
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}

/** Every group of the public lists, in their order, whether the table has it or not. */
async function runQuery(
  connection: DuckDBConnection,
  plan: MeasurementPlan,
  selectionKey: string,
): Promise<ExactFigures> {
  const { sql, parameters } = compileBoundingQuery(plan, selectionKey);
  const reader = await connection.runAndReadAll(sql, [...parameters]);
  const groups = Array.from({ length: plan.groupCount }, () => plan.measures.map(() => 0n));
  for (const row of reader.getRows()) {
    const group = plan.keys.reduce((index, key, i) => index * key.values.length + Number(row[i]), 0);
    groups[group] = plan.measures.map((_, m) => figure(row[plan.keys.length + m]));
  }
  return new ExactFigures(groups);
}

/** NULL is the sum over no units. */
function figure(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n;
}
