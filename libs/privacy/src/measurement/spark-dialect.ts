import { publicTable } from '../question/joined-table.js';
import type { MeasurementPlan } from './measurement-plan.js';
import type { Bind, SqlDialect } from './sql-dialect.js';

/** What number types write, with spaces around; the cast alone would take "1d" and "0x1p3" too. */
const PLAIN_NUMBER = '^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *$';

/** Texts by their bytes: a session may read backslashes and quotes in more than one way, but not these. */
const textOf = (value: string) => `decode(X'${Buffer.from(value, 'utf8').toString('hex')}', 'UTF-8')`;

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * Spark SQL 4, over the table of this name (catalogue and schema first, where it has them): columns by their own names,
 * quoted, become texts `c0`, `c1`, … compared by bytes whatever their collation; constants stand in the text, since not every way into Spark
 * takes parameters. Gives the same with `spark.sql.ansi.enabled` on and off: nothing is cast that may not fit, and sums are decimals
 * of 38 digits, where those of integers fail or wrap.
 */
export function sparkDialect(table: readonly string[]): SqlDialect {
  return {
    text: 'STRING',
    double: 'DOUBLE',
    huge: 'DECIMAL(38, 0)',
    tables: (plan, bind) => [sourceTable(plan, table), ...keyTables(plan, bind), ...publicTables(plan, bind)],
    constant: (value) => (typeof value === 'string' ? textOf(value) : `'${value}'`),
    finite: (column) => {
      const value = `try_cast(${column} AS DOUBLE)`;
      return `CASE WHEN ${column} RLIKE '${PLAIN_NUMBER}' AND abs(${value}) < 'Infinity'::DOUBLE THEN ${value} END`;
    },
    rounded: (value) => `round(${value})`,
    sum: (of) => `sum((${of})::DECIMAL(28, 0))`,
    divided: (dividend, divisor) => `(${dividend}) div nullif(${divisor}, 0)`,
    placedWithin: (from, place, last) =>
      `SELECT * FROM (SELECT *, ${place} AS place FROM ${from}) AS placed WHERE place <= ${last}`,
    hash: (of) => `md5(${of.map((part) => `(${part})::STRING`).join(` || '|' || `)})`,
  };
}

function sourceTable({ source }: MeasurementPlan, table: readonly string[]): string {
  const texts = source.columns.map(
    ({ name }, i) => `NULLIF(CAST(${quoted(name)} AS STRING) COLLATE UTF8_BINARY, '') AS c${i}`,
  );
  return `source AS (SELECT ${texts.join(', ')} FROM ${table.map(quoted).join('.')})`;
}

function keyTables({ keys }: MeasurementPlan, bind: Bind): string[] {
  return keys.flatMap((key, i) =>
    key.kind === 'category'
      ? [
          `key${i} AS (SELECT posexplode(from_json(${bind(JSON.stringify(key.values))}, 'ARRAY<STRING>')) AS (position, value))`,
        ]
      : [],
  );
}

function publicTables({ table, question }: MeasurementPlan, bind: Bind): string[] {
  return question.joins.map((join, i) => {
    const { columns, rows } = publicTable(table, join.table);
    const texts = ['k', ...columns.map((_, v) => `v${v}`)].map((name, at) => `cells[${at}] AS ${name}`);
    const list = `from_json(${bind(JSON.stringify(rows))}, 'ARRAY<ARRAY<STRING>>')`;
    return `public${i} AS (SELECT ${texts.join(', ')} FROM (SELECT explode(${list}) AS cells))`;
  });
}
