import type { NumberColumn } from '../declaration/protected-table.js';
import { publicTable } from '../question/joined-table.js';
import type { Condition } from '../question/question.js';
import type { MeasurementPlan } from './measurement-plan.js';
import type { SqlDialect } from './sql-dialect.js';
import type { ValueGrid } from './value-grid.js';

/** The engine's name of a column: a position in the protected table or in a public one. Hostile names never reach the engine. */
export function engineColumn({ table, question }: MeasurementPlan, name: string): string {
  for (const [i, join] of question.joins.entries()) {
    const position = publicTable(table, join.table).columns.findIndex((column) => column.name === name);
    if (position !== -1) return `public${i}.v${position}`;
  }
  return `source.c${table.columns.findIndex((column) => column.name === name)}`;
}

/**
 * Writes the part of a query that reads single rows: unit, positions of its keys in the public lists, measured values.
 * Rows without a unit, outside the public lists or not satisfying WHERE are gone; values that can't be read are NULL.
 */
export class SourceRows {
  readonly parameters: (string | number | bigint)[] = [];

  constructor(
    private readonly plan: MeasurementPlan,
    private readonly dialect: SqlDialect,
  ) {}

  /** The beginning of a query: the tables that it reads, then its own steps. */
  with(steps: readonly string[]): string {
    return `WITH ${[...this.dialect.tables(this.plan, (value) => this.bind(value)), ...steps].join(', ')}`;
  }

  bind(value: string | number | bigint): string {
    this.parameters.push(value);
    return this.dialect.constant(value, this.parameters.length);
  }

  keyNames(): string[] {
    return this.plan.keys.map((_, i) => `k${i}`);
  }

  /** Whether a unit can be in more groups than it counts in. */
  get boundsGroups(): boolean {
    const { groupsPerUnit, groupCount } = this.plan;
    return groupCount === undefined || groupsPerUnit < BigInt(groupCount);
  }

  column(name: string): string {
    return engineColumn(this.plan, name);
  }

  /** `values` are expressions of one row with their names. */
  select(values: readonly string[]): string {
    const unit = this.column(this.plan.table.privacyUnit.name);
    const keys = this.plan.keys.map(
      (key, i) => `${key.kind === 'text' ? this.column(key.name) : `key${i}.position`} AS k${i}`,
    );
    const joins = this.plan.question.joins.map(
      ({ column }, i) => ` JOIN public${i} ON public${i}.k = ${this.column(column)}`,
    );
    const lists = this.plan.keys.map((key, i) =>
      key.kind === 'text' ? '' : ` JOIN key${i} ON key${i}.value = ${this.column(key.name)}`,
    );
    const present = this.plan.keys.flatMap((key) =>
      key.kind === 'text' ? [` AND ${this.column(key.name)} IS NOT NULL`] : [],
    );
    const where = this.plan.question.where ? ` AND (${this.condition(this.plan.question.where)})` : '';
    return `SELECT ${[`${unit} AS unit`, ...keys, ...values].join(', ')} FROM source${[...joins, ...lists].join('')} WHERE ${unit} IS NOT NULL${present.join('')}${where}`;
  }

  /** The column as it is counted: NULL where there is no value. */
  countable(name: string): string {
    return this.isNumber(name) ? this.finite(name) : this.column(name);
  }

  /** The number, or NULL for what is not a finite number: a NaN would pass every clamp. */
  private finite(name: string): string {
    return this.dialect.finite(this.column(name));
  }

  /** Clamped, in integers of 10^−decimals, clamped again after rounding. */
  fixedPoint({ name, decimals, lower, upper }: NumberColumn): string {
    const low = this.bind(Number(`${lower}e-${decimals}`));
    const high = this.bind(Number(`${upper}e-${decimals}`));
    const scale = this.bind(10 ** decimals);
    const { double, rounded } = this.dialect;
    const clamped = `greatest(least(${this.finite(name)}, ${high}::${double}), ${low}::${double})`;
    const present = `${this.finite(name)} IS NOT NULL`;
    const integer = `(${rounded(`${clamped} * ${scale}::${double}`)})::BIGINT`;
    return `CASE WHEN ${present} THEN least(greatest(${integer}, ${this.bind(lower)}::BIGINT), ${this.bind(upper)}::BIGINT) END`;
  }

  /** The nearest point of a public grid; an integer from 0 to its last point. */
  gridPoint(column: NumberColumn, { lower, step }: ValueGrid): string {
    const above = `(${this.fixedPoint(column)} - ${this.bind(lower)}::BIGINT + ${this.bind(step / 2n)}::BIGINT)`;
    return `(${this.dialect.divided(above, `${this.bind(step)}::BIGINT`)})::BIGINT`;
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
    const { double, text } = this.dialect;
    return this.isNumber(name) ? `${this.bind(Number(value))}::${double}` : `${this.bind(value)}::${text}`;
  }
}
