import type { MeasurementPlan } from './measurement-plan.js';

/** Writes a value's place in a query's parameters. */
export type Bind = (value: string | number | bigint) => string;

/** A constant of a query: how it is written there. `place` counts the constants from 1. */
export type Constant = (value: string | number | bigint, place: number) => string;

/** What engines write differently. Everything else of a bounding query is the same text for all of them. */
export interface SqlDialect {
  readonly text: string;
  readonly double: string;
  /** Wide enough for totals that 64 bits don't hold. */
  readonly huge: string;
  /** Common table expressions that make `source`, `key0`, … and `public0`, …; none where they are tables. */
  tables(plan: MeasurementPlan, bind: Bind): readonly string[];
  /** A text or a number; what follows casts it to its type. */
  readonly constant: Constant;
  /** A column of texts as a finite double; NULL for what isn't one. Fails for no text. */
  finite(column: string): string;
  /** To the nearest whole double, halves away from zero. */
  rounded(value: string): string;
  /** Of 64-bit integers; never overflows. */
  sum(of: string): string;
  /** Of integers, towards zero; what comes out has 64 bits. */
  divided(dividend: string, divisor: string): string;
  /** An order that the first of the texts and numbers decides at random, and the others fix. */
  hash(of: readonly string[]): string;
  /** The rows of `table` whose `place`, a window function, is at most `last`. */
  placedWithin(table: string, place: string, last: string): string;
}

/** A place in the parameters that go with the query. */
export const numbered: Constant = (_, place) => `$${place}`;

/** `source`, `key0`, … and `public0`, … are tables of texts. */
export const duckdbDialect: SqlDialect = {
  text: 'VARCHAR',
  double: 'DOUBLE',
  huge: 'HUGEINT',
  tables: () => [],
  constant: numbered,
  finite: (column) => {
    const value = `TRY_CAST(${column} AS DOUBLE)`;
    return `CASE WHEN isfinite(${value}) THEN ${value} END`;
  },
  rounded: (value) => `round(${value})`,
  sum: (of) => `sum(${of})`,
  divided: (dividend, divisor) => `${dividend} // ${divisor}`,
  hash: (of) => `hash(${of.join(', ')})`,
  placedWithin: (table, place, last) => `SELECT * FROM ${table} QUALIFY ${place} <= ${last}`,
};
