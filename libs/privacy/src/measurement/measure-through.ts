import { compileBoundingQuery, type BoundingQuery } from './bounding-query.js';
import type { ExactFigures, Histogram } from './exact-figures.js';
import { compileHistogramQuery } from './histogram-query.js';
import { MeasuredGroups } from './measured-groups.js';
import type { MeasurementPlan } from './measurement-plan.js';
import type { SqlDialect } from './sql-dialect.js';

/** Runs a query in an engine; rows in the order of its columns. */
export type RunQuery = (query: BoundingQuery) => Promise<readonly (readonly unknown[])[]>;

/** Bounds and adds up by the plan, in whatever engine `rows` asks: one query for all sums, one for each column of quantiles. */
export async function measureThrough(
  rows: RunQuery,
  dialect: SqlDialect,
  plan: MeasurementPlan,
  selectionKey: string,
): Promise<ExactFigures> {
  const groups = new MeasuredGroups(plan);
  if (plan.measures.length > 0)
    for (const row of await rows(compileBoundingQuery(plan, selectionKey, dialect)))
      groups.add(
        row,
        plan.measures.map((_, m) => figure(row[plan.keys.length + m])),
      );
  const byColumn = new Map<string, Histogram>();
  for (const quantile of plan.quantiles) {
    if (byColumn.has(quantile.column.name)) continue;
    const counted = await rows(compileHistogramQuery(plan, quantile, selectionKey, dialect));
    byColumn.set(quantile.column.name, histogramOf(counted, plan, groups));
  }
  return groups.figures(plan.quantiles.map(({ column }) => byColumn.get(column.name) ?? new Map()));
}

function histogramOf(
  rows: readonly (readonly unknown[])[],
  { keys }: MeasurementPlan,
  groups: MeasuredGroups,
): Histogram {
  const histogram = new Map<number, Map<number, bigint>>();
  for (const row of rows) {
    const group = groups.indexOf(row);
    if (group === undefined) continue;
    const counts = histogram.get(group) ?? new Map<number, bigint>();
    histogram.set(group, counts.set(Number(row[keys.length]), figure(row[keys.length + 1])));
  }
  return histogram;
}

/** NULL is the sum over no units. Wide integers come as texts from some engines. */
function figure(value: unknown): bigint {
  if (typeof value === 'string') return BigInt(value);
  return typeof value === 'bigint' ? value : 0n;
}
