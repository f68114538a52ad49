import type { ReferencedTable } from '../declaration/protected-table.js';

/** An identifier of PostgreSQL, whatever is in it. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/**
 * Reads the table as a file would be read: a text for every cell, compared by bytes, NULL for nothing and for the empty text;
 * columns c0, c1, … in the declared order.
 */
export function sourceTexts({ source, columns }: ReferencedTable): string {
  const texts = columns.map(({ name }, i) => `NULLIF(${quoted(name)}::text COLLATE "C", '') AS c${i}`);
  return `SELECT ${texts.join(', ')} FROM ${quoted(source.schema)}.${quoted(source.table)}`;
}
