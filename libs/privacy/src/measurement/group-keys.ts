import type { KeyColumn } from '../declaration/protected-table.js';

/** The values of one group's keys, in the order of GROUP BY. */
export type GroupKeys = readonly string[];

/** One text for one group. */
export function groupText(keys: GroupKeys): string {
  return JSON.stringify(keys);
}

/** The index of every group, by its keys, or by itself where groups are those of the public lists. */
export function groupsOf(count: number, keys: readonly GroupKeys[]): Map<string, number> {
  return new Map(Array.from({ length: count }, (_, g) => [groupText(keys[g] ?? [String(g)]), g]));
}

/** Categories in the order of their lists, texts by code units. */
export function inOrder(columns: readonly KeyColumn[], a: GroupKeys, b: GroupKeys): number {
  for (const [i, column] of columns.entries()) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) continue;
    if (column.kind === 'category') return column.values.indexOf(left) - column.values.indexOf(right);
    return left < right ? -1 : 1;
  }
  return 0;
}
