import { publicTable } from '../question/joined-table.js';
import { requireReferenced, type ProtectedColumn } from '../declaration/protected-table.js';
import type { MeasurementPlan } from './measurement-plan.js';
import { numbered, type Bind, type SqlDialect } from './sql-dialect.js';
import { quoted, sourceTexts } from '../reference/source-texts.js';

/** A column of texts that is a number has a twin of doubles, computed once a row. */
const twin = (column: string) => `${column}_number`;

/**
 * Too small for a double is 0, as in every engine that reads one; everything else that doesn't fit is NULL. The order of
 * CASE is kept by the server, so that nothing is cast which can't be.
 */
function finite(text: string): string {
  const value = `NULLIF(NULLIF(NULLIF(${text}::double precision, 'NaN'), 'Infinity'), '-Infinity')`;
  return `CASE WHEN pg_input_is_valid(${text}, 'double precision') THEN ${value} WHEN ${text} ~ '^-?0[.]' THEN 0 END`;
}

function twins(columns: readonly ProtectedColumn[], nameOf: (i: number) => string): string {
  return columns
    .map(({ kind }, i) => (kind === 'number' ? `, ${finite(nameOf(i))} AS ${twin(nameOf(i))}` : ''))
    .join('');
}

/**
 * PostgreSQL 16 or later, over the table itself: columns by their own names, quoted, become texts `c0`, `c1`, … compared by
 * bytes ("C"), and nothing else of the query names anything. OFFSET 0 keeps a subquery apart: texts are made once a row.
 */
export const postgresDialect: SqlDialect = {
  text: 'text',
  double: 'double precision',
  huge: 'numeric',
  tables: (plan, bind) => [sourceTable(plan), ...keyTables(plan, bind), ...publicTables(plan, bind)],
  constant: numbered,
  finite: twin,
  rounded: (value) =>
    `trunc(${value}) + CASE WHEN abs(${value} - trunc(${value})) >= 0.5 THEN sign(${value}) ELSE 0 END`,
  sum: (of) => `sum(${of})`,
  divided: (dividend, divisor) => `div((${dividend})::numeric, (${divisor})::numeric)`,
  placedWithin: (table, place, last) =>
    `SELECT * FROM (SELECT *, ${place} AS place FROM ${table}) AS placed WHERE place <= ${last}`,
  hash: (of) => `md5(${of.map((part) => `(${part})::text`).join(` || '|' || `)})`,
};

function sourceTable({ source }: MeasurementPlan): string {
  const numbers = twins(source.columns, (i) => `c${i}`);
  return `source AS (SELECT *${numbers} FROM (${sourceTexts(requireReferenced(source))} OFFSET 0) AS texts OFFSET 0)`;
}

function keyTables({ keys }: MeasurementPlan, bind: Bind): string[] {
  return keys.flatMap((key, i) =>
    key.kind === 'category'
      ? [
          `key${i} AS (SELECT value, (place - 1)::int AS position FROM json_array_elements_text(${bind(JSON.stringify(key.values))}::json) WITH ORDINALITY AS list(value, place))`,
        ]
      : [],
  );
}

function publicTables({ table, question }: MeasurementPlan, bind: Bind): string[] {
  return question.joins.map((join, i) => {
    const { columns, rows } = publicTable(table, join.table);
    const names = ['k', ...columns.map((_, v) => `v${v}`)];
    const texts = names.map((name, at) => `cells->>${at} AS ${quoted(name)}`).join(', ');
    const list = `json_array_elements(${bind(JSON.stringify(rows))}::json) AS list(cells)`;
    return `public${i} AS (SELECT *${twins(columns, (v) => `v${v}`)} FROM (SELECT ${texts} FROM ${list} OFFSET 0) AS texts OFFSET 0)`;
  });
}
