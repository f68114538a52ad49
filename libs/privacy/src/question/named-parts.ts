import type { ProtectedTable } from '../declaration/protected-table.js';
import type { Condition, Question } from './question.js';

/**
 * The parts that a question is about, as positions in the public list of the column that divides units into parts: those
 * that WHERE names, when no row outside them can satisfy it. Empty: it is about the whole table.
 *
 * Strict on purpose. Only `column = 'value'` and `column IN (…)`, alone or joined by AND to other conditions, name parts,
 * and only with values of the public list; whatever else WHERE says, the question is charged to everybody.
 */
export function namedParts({ where }: Question, { partedBy }: ProtectedTable): readonly number[] {
  if (where === undefined || partedBy === undefined) return [];
  const values = valuesOf(where, partedBy.name);
  const parts = new Set(values?.map((value) => partedBy.values.indexOf(value)));
  return parts.has(-1) ? [] : [...parts].toSorted((a, b) => a - b);
}

/** The only values that the column of a satisfying row can have; undefined where that can't be told. */
function valuesOf(condition: Condition, column: string): readonly string[] | undefined {
  switch (condition.kind) {
    case 'compare':
      return condition.column === column && condition.operator === '=' ? [condition.value] : undefined;
    case 'in':
      return condition.column === column ? condition.values : undefined;
    case 'and':
      return condition.parts.map((part) => valuesOf(part, column)).find((values) => values !== undefined);
    case 'or':
    case 'not':
    case 'missing':
      return undefined;
  }
}
