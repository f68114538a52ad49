import type { BoundingQuery } from './bounding-query.js';
import type { MeasurementPlan } from './measurement-plan.js';
import type { PlannedQuantile } from './quantile-plan.js';
import { SourceRows } from './source-rows.js';
import type { SqlDialect } from './sql-dialect.js';

/**
 * Compiles a plan to the query that counts the bounded rows of each group by the nearest point of a quantile's grid:
 * columns k0, k1, …, point, count.
 *
 * Promise: for every pair of sources that differ by all rows of one unit, and the same `selectionKey`, the counts differ in
 * at most `plan.groupsPerUnit` groups, and in each by at most `maxRowsPerGroup` in all. Groups and rows are chosen by keyed
 * hashes of (unit, group) and (unit, group, point), functions of the unit's own rows alone. No row makes it fail.
 */
export function compileHistogramQuery(
  plan: MeasurementPlan,
  { column, grid }: PlannedQuantile,
  selectionKey: string,
  dialect: SqlDialect,
): BoundingQuery {
  const rows = new SourceRows(plan, dialect);
  const keys = rows.keyNames();
  const hashed = (...of: string[]) => dialect.hash([`${rows.bind(selectionKey)}::${dialect.text}`, ...of]);
  const own = ['unit', ...keys];
  const mostRows = `${rows.bind(plan.table.maxRowsPerGroup)}::BIGINT`;
  const groups = rows.boundsGroups ? `WHERE dense_rank <= ${rows.bind(plan.groupsPerUnit)}::BIGINT` : '';
  const denseRank = rows.boundsGroups
    ? `dense_rank() OVER (PARTITION BY unit ORDER BY ${hashed(...own)}, ${keys.join(', ')})`
    : '1';
  const steps = [
    `readable AS (${rows.select([`${rows.gridPoint(column, grid)} AS point`])})`,
    `shares AS (SELECT ${own.join(', ')}, point, count(*) AS n FROM readable WHERE point IS NOT NULL GROUP BY ${own.join(', ')}, point)`,
    `ranked AS (SELECT *, ${denseRank} AS dense_rank,
      sum(n) OVER (PARTITION BY ${own.join(', ')} ORDER BY ${hashed(...own, 'point')}, point ROWS UNBOUNDED PRECEDING) AS up_to FROM shares)`,
  ];
  const sql = `${rows.with(steps)}
    SELECT ${[...keys, 'point'].join(', ')}, ${dialect.sum(`least(n, greatest(${mostRows} - (up_to - n), 0))`)}::${dialect.huge} AS rows
    FROM ranked ${groups} GROUP BY ${[...keys, 'point'].join(', ')}`;
  return { sql, parameters: rows.parameters };
}
