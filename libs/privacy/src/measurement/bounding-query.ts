import { centredGridOf } from './centred-grid.js';
import { numberColumn, type MeasurementPlan, type PlannedMeasure } from './measurement-plan.js';
import { SourceRows } from './source-rows.js';
import type { SqlDialect } from './sql-dialect.js';

/** SQL for the engine with its parameters. No constant of anybody's is ever part of the text, and no name but where a dialect says so. */
export interface BoundingQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | bigint)[];
}

class QueryBuilder {
  private readonly rows: SourceRows;

  constructor(
    private readonly plan: MeasurementPlan,
    private readonly dialect: SqlDialect,
  ) {
    this.rows = new SourceRows(plan, dialect);
  }

  build(selectionKey: string): BoundingQuery {
    const { plan, rows } = this;
    const keys = rows.keyNames();
    const readable = rows.select(plan.measures.flatMap((measure, i) => this.value(measure, i)));
    const totals = plan.measures.map(
      (measure, i) => `${this.dialect.sum(this.clamped(measure, i))}::${this.dialect.huge} AS m${i}`,
    );
    const steps = [
      `readable AS (${readable})`,
      `shares AS (${this.shares()})`,
      `bounded AS (${this.bounded(selectionKey)})`,
    ];
    const sql = `${rows.with(steps)}
      SELECT ${[...keys, ...totals].join(', ')}
      FROM bounded${keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : ''}`;
    return { sql, parameters: rows.parameters };
  }

  private value({ part }: PlannedMeasure, i: number): string[] {
    switch (part.kind) {
      case 'rows':
      case 'units':
        return [];
      case 'values':
        return [`${this.rows.countable(part.column)} AS v${i}`];
      case 'sum':
        return [`${this.rows.fixedPoint(numberColumn(this.plan.table, part.column))} AS v${i}`];
      case 'centred':
      case 'centred_squares': {
        const column = numberColumn(this.plan.table, part.column);
        const grid = centredGridOf(column);
        return [`${this.rows.gridPoint(column, grid)} - ${this.rows.bind(grid.centre)}::BIGINT AS v${i}`];
      }
    }
  }

  /** One row a (unit, group), with what the unit has there in all. */
  private shares(): string {
    const totals = this.plan.measures.map(({ part }, i) => {
      switch (part.kind) {
        case 'rows':
          return `count(*) AS t${i}`;
        case 'units':
          return `1 AS t${i}`;
        case 'values':
          return `count(v${i}) AS t${i}`;
        case 'sum':
          return `coalesce(${this.dialect.sum(`v${i}`)}, 0) AS t${i}`;
        case 'centred':
          return `${this.ofCountedRows(this.dialect.sum(`v${i}`), i)} AS t${i}`;
        case 'centred_squares':
          return `${this.ofCountedRows(this.dialect.sum(`v${i} * v${i}`), i)} AS t${i}`;
      }
    });
    const group = ['unit', ...this.rows.keyNames()];
    return `SELECT ${[...group, ...totals].join(', ')} FROM readable GROUP BY ${group.join(', ')}`;
  }

  /**
   * A unit with more rows than count gives its own average that many times, so that sum and count stay of one size.
   * Divides by a count that the condition keeps above 0.
   */
  private ofCountedRows(sum: string, i: number): string {
    const most = `${this.rows.bind(this.plan.table.maxRowsPerGroup)}::BIGINT`;
    return `coalesce(CASE WHEN count(v${i}) > ${most} THEN ${this.dialect.divided(`(${sum} * ${most})`, `count(v${i})`)} ELSE ${sum} END, 0)`;
  }

  /**
   * At most L0 groups a unit, chosen by a keyed hash of (unit, group): a choice that depends on that unit's rows alone,
   * which is all that the bound needs.
   */
  private bounded(selectionKey: string): string {
    if (!this.rows.boundsGroups) return 'SELECT * FROM shares';
    const keys = this.rows.keyNames().join(', ');
    const key = `${this.rows.bind(selectionKey)}::${this.dialect.text}`;
    const order = `${this.dialect.hash([key, 'unit', ...this.rows.keyNames()])}, ${keys}`;
    const place = `row_number() OVER (PARTITION BY unit ORDER BY ${order})`;
    return this.dialect.placedWithin('shares', place, `${this.rows.bind(this.plan.groupsPerUnit)}::BIGINT`);
  }

  private clamped({ clamp }: PlannedMeasure, i: number): string {
    return `least(greatest(t${i}, ${this.rows.bind(clamp.lower)}::BIGINT), ${this.rows.bind(clamp.upper)}::BIGINT)`;
  }
}

/**
 * Compiles a plan to the one query that bounds and adds up, over the tables `source(c0, c1, …)` of texts (NULL for
 * missing), `key0(value, position)`, … of public values and `public0(k, v0, v1, …)`, … of joined public tables.
 *
 * Promise: for every pair of sources that differ by all rows of one unit, and the same `selectionKey`, the sum over groups
 * of the absolute changes of measure i is at most `plan.measures[i].sensitivity`. No row makes it fail: values that can't
 * be read are NULL, and sums can't overflow (64-bit shares, 128-bit totals).
 */
export function compileBoundingQuery(
  plan: MeasurementPlan,
  selectionKey: string,
  dialect: SqlDialect,
): BoundingQuery {
  return new QueryBuilder(plan, dialect).build(selectionKey);
}
