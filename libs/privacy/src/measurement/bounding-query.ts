import type { NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import type { Condition, Measure } from '../question/question.js';
import { numberColumn, type MeasurementPlan, type PlannedMeasure } from './measurement-plan.js';

/** SQL for the engine with its parameters. No name and no constant of anybody's is ever part of the text. */
export interface BoundingQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | bigint)[];
}

/** The engine's name of a declared column: its position. Hostile names never reach the engine. */
export function engineColumn(table: ProtectedTable, name: string): string {
  return `c${table.columns.findIndex((column) => column.name === name)}`;
}

class QueryBuilder {
  private readonly parameters: (string | number | bigint)[] = [];

  constructor(private readonly plan: MeasurementPlan) {}

  build(selectionKey: string): BoundingQuery {
    const sql = `WITH readable AS (${this.readable()}), shares AS (${this.shares()}), bounded AS (${this.bounded(selectionKey)})
      SELECT ${[...this.keyNames(), ...this.plan.measures.map((measure, i) => `sum(${this.clamped(measure, i)})::HUGEINT AS m${i}`)].join(', ')}
      FROM bounded${this.keyNames().length > 0 ? ` GROUP BY ${this.keyNames().join(', ')}` : ''}`;
    return { sql, parameters: this.parameters };
  }

  private bind(value: string | number | bigint): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  private keyNames(): string[] {
    return this.plan.keys.map((_, i) => `k${i}`);
  }

  private column(name: string): string {
    return engineColumn(this.plan.table, name);
  }

  /**
   * One row a source row: unit, positions of its keys in the public lists, one integer a measured column.
   * Rows without a unit, outside the public lists or not satisfying WHERE are gone.
   */
  private readable(): string {
    const unit = this.column(this.plan.table.privacyUnit.name);
    const keys = this.plan.keys.map((key, i) => `key${i}.position AS k${i}`);
    const values = this.plan.measures.flatMap(({ measure }, i) => this.value(measure, i));
    const joins = this.plan.keys.map((key, i) => ` JOIN key${i} ON key${i}.value = ${this.column(key.name)}`);
    const where = this.plan.question.where ? ` AND (${this.condition(this.plan.question.where)})` : '';
    return `SELECT ${[`${unit} AS unit`, ...keys, ...values].join(', ')} FROM source${joins.join('')} WHERE ${unit} IS NOT NULL${where}`;
  }

  private value(measure: Measure, i: number): string[] {
    switch (measure.kind) {
      case 'rows':
      case 'units':
        return [];
      case 'values': {
        const column = this.plan.table.columns.find(({ name }) => name === measure.column);
        return [
          `${column?.kind === 'number' ? this.finite(measure.column) : this.column(measure.column)} AS v${i}`,
        ];
      }
      case 'sum':
        return [`${this.fixedPoint(numberColumn(this.plan.table, measure.column))} AS v${i}`];
    }
  }

  /** The number, or NULL for what is not a finite number: a NaN would pass every clamp. */
  private finite(name: string): string {
    const value = `TRY_CAST(${this.column(name)} AS DOUBLE)`;
    return `CASE WHEN isfinite(${value}) THEN ${value} END`;
  }

  /** Clamped, in integers of 10^−decimals, clamped again after rounding. */
  private fixedPoint({ name, decimals, lower, upper }: NumberColumn): string {
    const low = this.bind(Number(`${lower}e-${decimals}`));
    const high = this.bind(Number(`${upper}e-${decimals}`));
    const scale = this.bind(10 ** decimals);
    const clamped = `greatest(least(${this.finite(name)}, ${high}::DOUBLE), ${low}::DOUBLE)`;
    const present = `${this.finite(name)} IS NOT NULL`;
    const integer = `round(${clamped} * ${scale}::DOUBLE)::BIGINT`;
    return `CASE WHEN ${present} THEN least(greatest(${integer}, ${this.bind(lower)}::BIGINT), ${this.bind(upper)}::BIGINT) END`;
  }

  /** One row a (unit, group), with what the unit has there in all. */
  private shares(): string {
    const totals = this.plan.measures.map(({ measure }, i) => {
      switch (measure.kind) {
        case 'rows':
          return `count(*) AS t${i}`;
        case 'units':
          return `1 AS t${i}`;
        case 'values':
          return `count(v${i}) AS t${i}`;
        case 'sum':
          return `coalesce(sum(v${i}), 0) AS t${i}`;
      }
    });
    const group = ['unit', ...this.keyNames()];
    return `SELECT ${[...group, ...totals].join(', ')} FROM readable GROUP BY ${group.join(', ')}`;
  }

  /**
   * At most L0 groups a unit, chosen by a keyed hash of (unit, group): a choice that depends on that unit's rows alone,
   * which is all that the bound needs.
   */
  private bounded(selectionKey: string): string {
    const keys = this.keyNames();
    if (this.plan.groupsPerUnit >= BigInt(this.plan.groupCount)) return 'SELECT * FROM shares';
    const order = `hash(${this.bind(selectionKey)}::VARCHAR, unit, ${keys.join(', ')}), ${keys.join(', ')}`;
    return `SELECT * FROM shares QUALIFY row_number() OVER (PARTITION BY unit ORDER BY ${order}) <= ${this.bind(this.plan.groupsPerUnit)}::BIGINT`;
  }

  private clamped({ clamp }: PlannedMeasure, i: number): string {
    return `least(greatest(t${i}, ${this.bind(clamp.lower)}::BIGINT), ${this.bind(clamp.upper)}::BIGINT)`;
  }

  private condition(condition: Condition): string {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return `(${condition.parts.map((part) => this.condition(part)).join(condition.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `NOT (${this.condition(condition.part)})`;
      case 'missing':
        return `${this.comparable(condition.column)} IS NULL`;
      case 'compare':
        return `${this.comparable(condition.column)} ${condition.operator} ${this.constant(condition.column, condition.value)}`;
      case 'in': {
        const values = condition.values.map((value) => this.constant(condition.column, value));
        return `${this.comparable(condition.column)} IN (${values.join(', ')})`;
      }
    }
  }

  private isNumber(name: string): boolean {
    return this.plan.table.columns.find((column) => column.name === name)?.kind === 'number';
  }

  private comparable(name: string): string {
    return this.isNumber(name) ? `(${this.finite(name)})` : this.column(name);
  }

  private constant(name: string, value: string): string {
    return this.isNumber(name) ? `${this.bind(Number(value))}::DOUBLE` : `${this.bind(value)}::VARCHAR`;
  }
}

/**
 * Compiles a plan to the one query that bounds and adds up, over the tables `source(c0, c1, …)` of texts (NULL for
 * missing) and `key0(value, position)`, … of public values.
 *
 * Promise: for every pair of sources that differ by all rows of one unit, and the same `selectionKey`, the sum over groups
 * of the absolute changes of measure i is at most `plan.measures[i].sensitivity`. No row makes it fail: values that can't
 * be read are NULL, and sums can't overflow (64-bit shares, 128-bit totals).
 */
export function compileBoundingQuery(plan: MeasurementPlan, selectionKey: string): BoundingQuery {
  return new QueryBuilder(plan).build(selectionKey);
}
