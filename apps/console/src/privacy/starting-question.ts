import type { Dataset } from '@castellan/contracts';

/** A question to begin with, in the dataset's own names: how many, and how much, by group. */
export function startingQuestion({ name, declaration: { columns } }: Dataset): string {
  const group = columns
    .filter((column) => column.type === 'category')
    .toSorted((left, right) => left.values.length - right.values.length)[0];
  const amount = columns
    .filter((column) => column.type === 'number')
    .toSorted((left, right) => right.upper - right.lower - (left.upper - left.lower))[0];
  const figures = [
    'COUNT(*) AS n',
    ...(amount === undefined ? [] : [`SUM(${quoted(amount.name)}) AS total`]),
  ];
  if (group === undefined) return `SELECT ${figures.join(', ')}\nFROM ${quoted(name)}`;
  const by = quoted(group.name);
  return `SELECT ${[by, ...figures].join(', ')}\nFROM ${quoted(name)}\nGROUP BY ${by}`;
}

/** As SQL wants a name: bare where that is possible. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
