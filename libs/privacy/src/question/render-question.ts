import type { ProtectedTable } from '../declaration/protected-table.js';
import { joinedTable, publicTable } from './joined-table.js';
import { identifier, measureText, type Condition, type Question } from './question.js';

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function renderCondition(condition: Condition, table: ProtectedTable): string {
  const render = (part: Condition) => renderCondition(part, table);
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.parts.map(render).join(condition.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `NOT (${render(condition.part)})`;
    case 'missing':
      return `${identifier(condition.column)} IS NULL`;
    case 'compare':
      return `${identifier(condition.column)} ${condition.operator} ${constant(condition.column, condition.value, table)}`;
    case 'in':
      return `${identifier(condition.column)} IN (${condition.values
        .map((value) => constant(condition.column, value, table))
        .join(', ')})`;
  }
}

function constant(column: string, value: string, table: ProtectedTable): string {
  return table.columns.find(({ name }) => name === column)?.kind === 'number' ? value : literal(value);
}

/**
 * The question as canonical SQL: one text for all spellings of it (case, spaces, comments, aliases, qualified names).
 * Reading it gives the same question again, up to the aliases, which change no figure.
 */
export function renderQuestion(question: Question, table: ProtectedTable): string {
  const unit = identifier(table.privacyUnit.name);
  const selected = question.selected.map((item) => {
    if (item.kind === 'key') return identifier(item.column);
    return item.measure.kind === 'units' ? `COUNT(DISTINCT ${unit})` : measureText(item.measure);
  });
  const where = question.where
    ? ` WHERE ${renderCondition(question.where, joinedTable(table, question.joins))}`
    : '';
  const group = question.keys.length > 0 ? ` GROUP BY ${question.keys.map(identifier).join(', ')}` : '';
  const joins = question.joins.map((join) => {
    const { key } = publicTable(table, join.table);
    const own = `${identifier(table.name)}.${identifier(join.column)}`;
    return ` JOIN ${identifier(join.table)} ON ${own} = ${identifier(join.table)}.${identifier(key)}`;
  });
  return `SELECT ${selected.join(', ')} FROM ${identifier(table.name)}${joins.join('')}${where}${group}`;
}
